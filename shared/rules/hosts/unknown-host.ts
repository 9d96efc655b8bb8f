import {
  aboutReference,
  formatClients,
  groundsOf,
  pathOf,
  routingNeeds,
  routingReads,
} from '../facts/destinations.ts'
import { deadDestination, diagnosesOf } from '../../providers/istio/read/routes/diagnoses.ts'
import type { Rule } from '../rule.ts'
import type { HostProvider } from '../../providers/istio/resolve/objects/providers.ts'
import { providersAt } from '../../providers/istio/resolve/registry.ts'

/**
 * Only a warning: Services come and go before and after the routes to them, in every deployment tool's own
 * order.
 */
export const unknownHost: Rule<'VirtualService'> = {
  id: 'unknown-host',
  family: deadDestination,
  severity: { webhook: 'warning', lint: 'warning' },
  summary:
    'Every host that a route sends requests to is provided by a Service or ServiceEntry that its clients see.',
  fix: 'Create the Service, or correct its name: `name` in the same namespace, else `name.namespace.svc.cluster.local`.',
  subject: 'VirtualService',
  reads: routingReads,
  needs: routingNeeds,
  *check(view, subject, settings) {
    for (const { fault, reference, failing } of diagnosesOf(view, subject, settings)) {
      if (fault !== 'unknown-host') continue
      const isPartial = failing.length > 0 && failing.length < reference.outcomes.length
      const known = failing.length === 0 ? undefined : providersAt(view, reference.host)[0]
      yield {
        path: pathOf(reference, 'host'),
        message:
          known === undefined
            ? `no Service or ServiceEntry${settings.complete ? '' : ' that was read'} provides ${reference.host}`
            : known.form === 'alias'
              ? `${reference.host} is an alias of ${known.target}, which no Service or ServiceEntry provides`
              : `${reference.host} is not visible to clients in ${formatClients(failing)}`,
        about: aboutReference(reference),
        ...(isPartial ? { family: 'unknown-host' } : {}),
        absent: 'host',
        ...(known === undefined ? {} : { fix: fixFor(known) }),
        restsOn: groundsOf(view, reference),
      }
    }
  },
}

function fixFor({ ref: { kind, namespace, name }, form, target }: HostProvider): string {
  if (form === 'alias') return `Create a ServiceEntry for ${target}, or route to a Service that has pods.`
  const field = kind === 'Service' ? 'annotation networking.istio.io/exportTo' : 'spec.exportTo'
  return `Add the namespaces of these clients, or "*", to ${field} of ${kind} ${namespace}/${name}.`
}
