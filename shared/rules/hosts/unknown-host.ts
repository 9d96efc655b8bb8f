import { aboutReference, deadDestination, diagnosesOf, formatClients, groundsOf, pathOf, routingNeeds, routingReads } from '../destinations.ts'
import type { Rule } from '../rule.ts'

/** Only a warning: Services come and go before and after the routes to them, in every deployment tool's own order. */
export const unknownHost: Rule<'VirtualService'> = {
  id: 'unknown-host',
  family: deadDestination,
  severity: { webhook: 'warning', lint: 'warning' },
  summary: 'Every host that a route leads to is provided by a Service or ServiceEntry that its callers see.',
  remedy: 'Create the Service, or write its name as it is: `name` in the same namespace, else `name.namespace.svc.cluster.local`.',
  subject: 'VirtualService',
  reads: routingReads,
  needs: routingNeeds,
  *check(view, subject, settings) {
    for (const { fault, reference, failing } of diagnosesOf(view, subject, settings)) {
      if (fault !== 'unknown-host') continue
      const isPartial = failing.length > 0 && failing.length < reference.outcomes.length
      const where = settings.complete ? '' : ' here'
      yield {
        path: pathOf(reference, 'host'),
        message: isPartial
          ? `${reference.host} is not visible to clients in ${formatClients(failing)}`
          : `no Service or ServiceEntry${where} provides ${reference.host}`,
        about: aboutReference(reference),
        ...isPartial ? { family: 'unknown-host' } : {},
        absent: 'host',
        restsOn: groundsOf(view, reference),
      }
    }
  },
}
