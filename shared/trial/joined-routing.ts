import type { RoutingReader } from '../routing/provider.ts'
import type { Decision } from '../routing/request/decision.ts'
import type { Request } from '../routing/request/request.ts'
import type { RequestRouting } from '../routing/request/request-routing.ts'
import { serviceOfHost } from '../objects/hosts.ts'
import type { ClusterView } from '../view/cluster-view.ts'

/** What a trial asks of routing APIs. */
export type TrialRouting = RequestRouting & Pick<RoutingReader, 'gateways' | 'cohorts'>

type JoinedRouting = TrialRouting & Pick<RoutingReader, 'isRouted' | 'isLast'>

/**
 * Several routing APIs as one. A gateway's request is decided by the API whose gateway it is; one of a caller in the
 * mesh by the API whose routes take it, of several by the oldest object, as Istio does; where none does, by the first.
 */
export function joinedRouting(apis: readonly JoinedRouting[]): TrialRouting {
  const [first, ...others] = apis
  if (first === undefined || others.length === 0) return first!
  return {
    gateways: (view, namespace) => unique(apis.flatMap(api => api.gateways(view, namespace))),
    cohorts: (view, namespace) => apis.flatMap(api => api.cohorts(view, namespace)),
    gatewaysFor: (view, host) => apis.flatMap(api => api.gatewaysFor(view, host)),
    unseenGateways: (view, host) => apis.flatMap(api => api.unseenGateways?.(view, host) ?? []),
    gatewayNamed: (view, name) => firstOf(apis, api => api.gatewayNamed(view, name)),
    meantBy: (view, host, namespace) => firstOf(apis, api => api.meantBy(view, host, namespace)),
    named: (view, destination, completeness) =>
      routerOf(apis, view, destination.host).named(view, destination, completeness),
    follows: (view, caller, service) => first.follows(view, caller, service),
    route: (view, request, options) => {
      const last = lastFor(apis, view, request)
      if (last !== undefined) return last.route(view, request, options)
      const decisions = apis.map(api => api.route(view, request, options))
      return request.caller.kind === 'gateway'
        ? (decisions.find(({ reason }) => reason !== 'no-listener') ?? decisions[0]!)
        : oldest(view, decisions)
    },
  }
}

/** What carries a request of a caller in the mesh to a Service that no routing API routes. */
function lastFor(
  apis: readonly JoinedRouting[],
  view: ClusterView,
  { caller, host }: Request,
): JoinedRouting | undefined {
  const { clusterDomain } = view.mesh
  const meant = firstOf(apis, api => api.meantBy(view, host, caller.namespace))
  const service = meant === undefined ? undefined : serviceOfHost(meant.host, clusterDomain)
  if (caller.kind === 'gateway' || service === undefined) return undefined
  const routing = apis.find(api => api.isRouted(view, { ...service, clusterDomain }))
  return routing?.isLast === true ? routing : undefined
}

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)]

const firstOf = <A, T>(apis: readonly A[], ask: (api: A) => T | undefined): T | undefined => {
  for (const api of apis) {
    const found = ask(api)
    if (found !== undefined) return found
  }
  return undefined
}

/** The API that routes the Service of a host, else the first. */
function routerOf(apis: readonly JoinedRouting[], view: ClusterView, host: string): JoinedRouting {
  const { clusterDomain } = view.mesh
  const service = serviceOfHost(host, clusterDomain)
  const routing =
    service === undefined ? undefined : apis.find(api => api.isRouted(view, { ...service, clusterDomain }))
  return routing ?? apis[0]!
}

/** Of the decisions by routes that of the oldest object; else the first. */
function oldest(view: ClusterView, decisions: readonly Decision[]): Decision {
  const routed = decisions.filter(({ route, considered }) => route !== undefined || considered.length > 0)
  const createdBy = ({ route, considered }: Decision): string => {
    const owner = route?.owner ?? considered[0]?.route.owner
    return (owner && view.get(owner)?.metadata.creationTimestamp) ?? ''
  }
  const [found] = routed.toSorted((a, b) =>
    createdBy(a) === createdBy(b) ? 0 : createdBy(a) < createdBy(b) ? -1 : 1,
  )
  return found ?? decisions[0]!
}
