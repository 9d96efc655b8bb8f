import { expandHost } from '../../../../shared/objects/hosts.ts'
import type { VirtualService } from '../../../../shared/objects/virtual-service.ts'
import type { ClusterView } from '../../../../shared/view/cluster-view.ts'
import type { Client } from '../../../../shared/providers/istio/resolve/clients.ts'
import { bindingsOf, gatewayUse, isProxyOf } from '../../../../shared/providers/istio/resolve/gateways.ts'
import { hostsOf, type Application } from '../../../../shared/providers/istio/resolve/mesh.ts'
import { meshUse } from '../../../../shared/providers/istio/resolve/mesh/use.ts'
import {
  routingOf,
  type Route,
  type RouteTarget,
} from '../../../../shared/providers/istio/resolve/objects/routes.ts'
import {
  isOpen,
  outcomeOf,
  type DestinationOutcome,
} from '../../../../shared/providers/istio/resolve/outcome.ts'

/** What one route of one VirtualService leads to in one proxy, in the terms of the proxy's own configuration. */
export interface ProxyReference {
  readonly host: string
  readonly subset: string | undefined
  readonly port: number | undefined
  readonly isMirror: boolean
  readonly weight: number | undefined
  readonly hasCluster: boolean
  /** -1 for a cluster that takes any address; undefined where the input does not tell. */
  readonly endpoints: number | undefined
}

/** Everything that a VirtualService brings into the configuration of one proxy, as Istio's generator would write it. */
export function referencesIn(
  view: ClusterView,
  object: VirtualService,
  proxy: Client,
): readonly ProxyReference[] {
  if (hostsOf(view, object).length === 0) return []
  return applicationsIn(view, object, proxy).flatMap(application =>
    application.routes.flatMap(route =>
      route.targets
        .filter(({ hasShare }) => hasShare)
        .map(target => referenceTo(view, { route, target, application })),
    ),
  )
}

function applicationsIn(view: ClusterView, object: VirtualService, proxy: Client): readonly Application[] {
  if (proxy.isGateway)
    return bindingsOf(view, object)
      .filter(({ name }) => isProxyOf(view, name, proxy.labels))
      .flatMap(binding => gatewayUse(view, object, { client: proxy, binding, complete: true }))
  return routingOf(object).gateways.includes('mesh')
    ? meshUse(view, object, { client: proxy, complete: true, withStrays: true }).applications
    : []
}

interface Entry {
  readonly route: Route
  readonly target: RouteTarget
  readonly application: Application
}

function referenceTo(view: ClusterView, { route, target, application }: Entry): ProxyReference {
  const outcome = outcomeOf(view, {
    target,
    host: expandHost(target.host, target.namespace, view.mesh.clusterDomain),
    asker: application,
    complete: true,
  })
  const { host, port, provider } = outcome
  const endpoints = endpointCount(outcome)
  const isSplit = route.targets.filter(({ isMirror }) => !isMirror).length > 1
  return {
    host,
    subset: target.subset,
    port,
    isMirror: target.isMirror,
    weight: isSplit && !target.isMirror ? target.weight : undefined,
    hasCluster: outcome.found === 'cluster' && !(provider?.form === 'dns' && endpoints === 0),
    endpoints,
  }
}

/** As in {@link ProxyReference}. */
function endpointCount({ found, provider, client, endpoints }: DestinationOutcome): number | undefined {
  if (found !== 'cluster') return 0
  return provider !== undefined && isOpen(provider, client) ? -1 : endpoints()?.running
}
