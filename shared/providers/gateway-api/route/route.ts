import { refOf } from '../../../objects/kinds.ts'
import { textOf } from '../../../objects/unchecked.ts'
import { unmetBy } from '../../../routing/match.ts'
import type { Considered, Decision, RouteRef } from '../../../routing/request/decision.ts'
import { asMatched } from '../../../routing/request/normalize-path.ts'
import type { RequestRouting, RouteOptions } from '../../../routing/request/request-routing.ts'
import type { Request } from '../../../routing/request/request.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { once } from '../../../view/session.ts'
import { hostWithoutPort } from '../resolve/hostnames.ts'
import { mayExtendAt, mayExtendInMesh, readsRequestsAt } from '../resolve/implementation.ts'
import { routesAtService } from '../resolve/indexes.ts'
import { rulesOf } from '../resolve/routes.ts'
import { namedService, serviceNamed, type ServiceName } from '../resolve/services.ts'
import { gatewayTable, serviceTable, type MatchTable, type TableMatch } from '../resolve/table.ts'
import {
  actionFor,
  actionOf,
  defaultAction,
  hasPort,
  passedThrough,
  unrouted,
  type ActingEntrance,
} from './action.ts'
import { ruleKeys } from '../read/rules/rule-keys.ts'
import type { HasEndpoints } from './backends.ts'
import { gatewayNamed, gatewayOf, gatewaysFor, meantBy, unseenGateways } from './entrances.ts'

/** What is not the routes' to say: the reader knows versions, workloads and who is in the mesh. */
export interface RoutingParts extends Pick<RequestRouting, 'named' | 'follows'> {
  /** Whether a Service has endpoints that are ready; what EndpointSlices say, where it is undefined. */
  readonly hasEndpoints?: HasEndpoints
}

/** How the Gateway API routes single requests. */
export const routeRequests = ({ hasEndpoints, ...parts }: RoutingParts): RequestRouting => ({
  ...parts,
  route: (view, request, options) => route(view, request, { ...options, hasEndpoints }),
  gatewaysFor,
  unseenGateways,
  gatewayNamed,
  meantBy,
})

/** How a request is decided. */
export interface DecidingOptions extends RouteOptions {
  readonly hasEndpoints?: HasEndpoints | undefined
}

/**
 * What the proxy of a Gateway, or of a caller in the mesh, does with a request by the Gateway API's specification.
 * The routes of an entrance are derived once per session of the view.
 */
export function route(view: ClusterView, request: Request, options: DecidingOptions): Decision {
  return request.caller.kind === 'gateway'
    ? routeAtGateway(view, request, options)
    : routeInMesh(view, request, options)
}

function routeAtGateway(view: ClusterView, request: Request, options: DecidingOptions): Decision {
  const { caller, port, tls = false } = request
  const { complete = true, hasEndpoints } = options
  const gateway = gatewayOf(view, caller)
  if (gateway === undefined) return { ...unrouted, reason: 'no-listener', ...byNoRoute }
  const table = gatewayTable(view, { gateway, port, tls, complete }, hostWithoutPort(request.host))
  if (table.kind === 'no-listener' || table.kind === 'no-host')
    return { ...unrouted, reason: table.kind, ...byNoRoute }
  return decide(view, table, {
    request,
    options,
    entrance: { isMesh: false, mayExtend: mayExtendAt(view, gateway), port, tls, complete, hasEndpoints },
  })
}

function routeInMesh(view: ClusterView, request: Request, options: DecidingOptions): Decision {
  const { caller, port, tls = false } = request
  const { complete = true, hasEndpoints } = options
  const service = namedService(view, hostWithoutPort(request.host), caller.namespace)
  if (service === undefined || !isKnown(view, service, complete) || !hasPort(view, service, port))
    return { ...passedThrough, ...byNoRoute }
  const mayExtend = mayExtendInMesh(view, service)
  const entrance = { isMesh: true, mayExtend, port, tls, complete, hasEndpoints }
  const table = serviceTable(view, { service, port, namespace: caller.namespace, complete })
  // What is encrypted before it comes to the proxy, or on a port for TCP, goes to the Service by connection.
  const isOpaque = tls || !readsRequestsAt(view, service, port)
  if (table.kind === 'default' || isOpaque)
    return { ...defaultAction(view, service, entrance), isOpaque, ...byNoRoute }
  return decide(view, table, { request, options, entrance })
}

/** Whether there is such a Service; where the view is not all that there is, one that routes are attached to. */
const isKnown = (view: ClusterView, service: ServiceName, complete: boolean): boolean =>
  serviceNamed(view, service) !== undefined
  || (!complete && routesAtService(view, `${service.namespace}/${service.name}`).length > 0)

const byNoRoute = { route: undefined, considered: [] } as const

interface Deciding {
  readonly request: Request
  readonly options: DecidingOptions
  readonly entrance: ActingEntrance
}

function decide(
  view: ClusterView,
  { matches }: MatchTable,
  { request, options, entrance }: Deciding,
): Decision {
  const seen = asMatched(request)
  const considered: Considered[] = []
  for (const each of matches) {
    const unmet = unmetBy(each.match, seen, options.regex)
    if (unmet === undefined) {
      const key = `${entrance.port} ${entrance.tls} ${entrance.isMesh} ${entrance.mayExtend} ${entrance.complete}`
      const action = once(view, [each, key], () => actionOf(view, each, entrance))
      return { ...actionFor(action, seen.path), route: routeRefOf(each), considered }
    }
    considered.push({ route: routeRefOf(each), unmet })
  }
  return { ...unrouted, reason: 'no-route', route: undefined, considered }
}

/** The rule of a match; its name is the rule's. */
function routeRefOf({ route: object, rule }: TableMatch): RouteRef {
  const ref = refOf(object)
  return {
    owner: ref,
    object: ref,
    place: ['spec', 'rules', rule],
    name: textOf(rulesOf(object)[rule]?.name),
    key: ruleKeys(object)[rule],
  }
}
