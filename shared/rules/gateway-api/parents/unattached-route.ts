import type { ServiceRoute } from '../../../objects/gateway-api.ts'
import { refOf } from '../../../objects/kinds.ts'
import { keyOf } from '../../../objects/kube-object.ts'
import { quotedName } from '../../../objects/text/escaped.ts'
import { enumerated } from '../../../objects/text/listed.ts'
import {
  unservedHostnames,
  type Attachment,
  type AttachmentRefusal,
} from '../../../providers/gateway-api/resolve/attachments.ts'
import { hostnamesMeet } from '../../../providers/gateway-api/resolve/hostnames.ts'
import { hostnamesOf } from '../../../providers/gateway-api/resolve/routes.ts'
import { routesOfListener } from '../../../providers/gateway-api/resolve/table.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { eachRoute } from '../../facts/each-route.ts'
import { areAgesUnknown, unknownAges } from '../../facts/route-ages.ts'
import { detaching, groundsOfParent, judgedAttachments } from '../../facts/route-parents.ts'
import type { RuleSettings, Violation } from '../../rule.ts'

const why: Readonly<Partial<Record<AttachmentRefusal, string>>> = {
  'not-allowed': 'lets routes of this kind and namespace attach (allowedRoutes, and a protocol for requests)',
  'no-matching-hostname': 'has a hostname that is one of the route',
}

/** The controller says so in the status of the route alone: the requests are answered with 404. */
export const unattachedRoute = eachRoute({
  id: 'unattached-route',
  severity: { webhook: 'warning', lint: 'warning' },
  summary:
    'A listener of the Gateway that an HTTPRoute or GRPCRoute names takes the route: its kind, its namespace '
    + 'and its hostnames. An older route of the other kind with the same hostname is found in files only.',
  fix: 'Change allowedRoutes or the hostname of the listener, or the hostnames of the route.',
  reads: ['Gateway.gateway.networking.k8s.io', 'Service', 'Namespace', 'HTTPRoute', 'GRPCRoute'],
  needs: ['Gateway.gateway.networking.k8s.io', 'Service'],
  *check(view, route, settings) {
    for (const attachment of judgedAttachments(view, route, settings)) {
      const { parent, index, refusal } = attachment
      const { namespace, name, sectionName } = parent
      const path = ['spec', 'parentRefs', index]
      const reason = refusal === undefined ? undefined : why[refusal]
      if (reason !== undefined)
        yield {
          path,
          message: `${sectionName === undefined ? 'no listener' : `no listener ${quotedName(sectionName)}`} of Gateway ${namespace}/${name} ${reason}: the route is not installed on it`,
          about: `${refusal} ${namespace}/${name} ${sectionName ?? ''}`,
          absent: 'other',
          ...groundsOfParent(parent),
        }
      else if (refusal === 'unsupported-service')
        yield {
          path,
          message: `Service ${namespace}/${name} is an ExternalName, to which no route is attached`,
          about: `${refusal} ${namespace}/${name}`,
          fix: 'Attach the route to a Service that has a cluster IP, or to a Gateway.',
          ...groundsOfParent(parent),
        }
      else if (settings.folder === true) yield* keptOut(view, { route, attachment, settings })
    }
    yield* notServed(view, route, settings)
  },
  worsening: detaching,
})

/** Hostnames of a route that is attached by others: the specification has these left out, and no condition says so. */
function* notServed(view: ClusterView, route: ServiceRoute, settings: RuleSettings): Iterable<Violation> {
  const gateways = judgedAttachments(view, route, settings).map(({ parent }) => parent)
  const names = [...new Set(gateways.map(({ namespace, name }) => `${namespace}/${name}`))]
  for (const { hostname, index } of unservedHostnames(view, route, settings))
    yield {
      path: ['spec', 'hostnames', index],
      message:
        `no listener of Gateway ${enumerated(names)} that takes the route has a hostname for ${quotedName(hostname)}: `
        + 'requests for it do not reach the route',
      about: `hostname ${hostname}`,
      absent: 'other',
      restsOn: gateways.flatMap(parent => groundsOfParent(parent).restsOn ?? []),
      tells: gateways.flatMap(parent => groundsOfParent(parent).tells ?? []),
      fix: `Give a listener of the Gateway the hostname ${hostname}, or remove it from the route.`,
    }
}

interface Attached {
  readonly route: ServiceRoute
  readonly attachment: Attachment
  readonly settings: RuleSettings
}

/**
 * A listener has an HTTPRoute or a GRPCRoute for a hostname, the older one
 * (https://gateway-api.sigs.k8s.io/reference/spec/#grpcroutespec). Some implementations install both, and the
 * specification says nothing of routes for every host. Looked at in files alone, where they are beside each other.
 */
function* keptOut(view: ClusterView, { route, attachment, settings }: Attached): Iterable<Violation> {
  const { parent, index, listeners } = attachment
  const { namespace, name } = parent
  if (hostnamesOf(route).length === 0) return
  const older = listeners.flatMap(({ gateway, listener, hostnames }) => {
    const { accepted, conflicting } = routesOfListener(view, {
      gateway,
      listener,
      complete: settings.complete,
    })
    return conflicting.some(each => each.route === route)
      ? accepted
          .filter(
            other =>
              other.route.kind !== route.kind
              && hostnamesOf(other.route).length > 0
              && hostnamesMeet(other.hostnames, hostnames),
          )
          .slice(0, 1)
          .map(other => ({ by: other.route, listener }))
      : []
  })
  const [first] = older
  if (first === undefined) return
  const by = refOf(first.by)
  const gateway = `Gateway ${namespace}/${name}`
  const names = older.map(({ listener }) => quotedName(listener.name ?? `${listener.port}`))
  const where = older.length === listeners.length ? gateway : `listener ${enumerated(names)} of ${gateway}`
  const ages = areAgesUnknown(first.by, route) ? unknownAges : ''
  yield {
    path: ['spec', 'parentRefs', index],
    message:
      `${keyOf(by)} has a hostname of this ${route.kind} on ${where}: `
      + `by the specification only the older of the two is installed there${ages}`,
    about: `kept-out ${namespace}/${name} ${keyOf(by)}`,
    severity: { webhook: 'info', lint: 'info' },
    fix: 'Give the two routes hostnames that differ.',
    restsOn: [by],
    tells: [{ kind: by.kind, namespace: by.namespace }],
  }
}
