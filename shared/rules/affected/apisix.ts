import type { ApisixPluginConfig } from '../../objects/apisix/apisix-plugin-config.ts'
import type { ApisixRoute } from '../../objects/apisix/apisix-route.ts'
import { namespaceOf, type KubeObject } from '../../objects/kube-object.ts'
import { routesBeside, routesByConfig, routesByUpstream } from '../../providers/apisix/resolve/indexes.ts'
import type { ClusterView } from '../../view/cluster-view.ts'

interface TouchedApisixRoutes {
  readonly others: () => readonly ApisixRoute[]
}

/** What a change of each kind of APISIX touches. */
export const apisixTouches = {
  ApisixRoute: (view: ClusterView, route: ApisixRoute): TouchedApisixRoutes => ({
    others: () => routesBeside(view, route),
  }),
  ApisixPluginConfig: (view: ClusterView, config: ApisixPluginConfig): TouchedApisixRoutes => ({
    others: () => routesByConfig(view, `${namespaceOf(config)}/${config.metadata.name}`),
  }),
  ApisixUpstream: (view: ClusterView, upstream: KubeObject): TouchedApisixRoutes => ({
    others: () => routesByUpstream(view, `${namespaceOf(upstream)}/${upstream.metadata.name}`),
  }),
}
