import { expandHost } from '../../../../objects/hosts.ts'
import type { HttpMatch, HttpRoute, VirtualService } from '../../../../objects/virtual-service.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { routeKeys } from '../../read/record/route-keys.ts'
import { nameOf } from '../../read/routes/carriers.ts'
import { listOf, type RoutedService } from '../../read/routed-service.ts'
import { delegatedRoutes } from '../../resolve/delegates.ts'
import type { MatchBlock, Route } from '../../resolve/objects/routes.ts'
import { baseRouteTest } from '../cohort.ts'

/** A base route as the VirtualService by which requests come has it. */
export interface EnteredRoute {
  /** Its key in the VirtualService that it is written in. */
  readonly key: string
  readonly route: HttpRoute
  readonly written: HttpRoute
}

/** The VirtualService in which base routes are written, and the one by which requests come to them: itself, or a root. */
export interface Entered {
  readonly object: VirtualService
  readonly entry: VirtualService
}

/**
 * The base routes of a service in a VirtualService, as requests come to them by an entry: those of a delegate
 * are merged under each block that delegates to it.
 */
export function enteredRoutes(
  view: ClusterView,
  service: RoutedService,
  { object, entry }: Entered,
): readonly EnteredRoute[] {
  const bases = listOf(object.spec.http).filter(baseRouteTest(object, service))
  const keys = routeKeys(bases)
  if (nameOf(entry) === nameOf(object))
    return bases.map(route => ({ key: keys.get(route)!, route, written: route }))
  return delegatedRoutes(view, entry).routes.flatMap((route): readonly EnteredRoute[] => {
    const { delegate, written } = route
    if (delegate === undefined || `${delegate.namespace}/${delegate.name}` !== nameOf(object)) return []
    const raw = listOf(object.spec.http)[Number((written ?? route).place[2])]!
    const key = keys.get(raw)
    return key === undefined ? [] : [{ key, route: mergedRoute(route, service.clusterDomain), written: raw }]
  })
}

/** A merged route as it would be written in another namespace. */
function mergedRoute({ fields, conditions, delegate }: Route, clusterDomain: string): HttpRoute {
  const { match: _, ...raw } = fields as unknown as HttpRoute
  return {
    ...(conditions.length === 0 ? {} : { match: conditions.map(writtenBlock) }),
    ...raw,
    route: listOf(raw.route).map(({ destination, ...to }) => ({
      ...to,
      destination: {
        ...destination,
        host: expandHost(destination.host, delegate!.namespace, clusterDomain),
      },
    })),
  }
}

function writtenBlock({ block, gateways, port, sourceNamespace, sourceLabels }: MatchBlock): HttpMatch {
  const { gateways: _g, port: _p, sourceNamespace: _n, sourceLabels: _l, name: _, ...asked } = block
  return {
    ...asked,
    ...(gateways.length === 0 ? {} : { gateways }),
    ...(port === undefined ? {} : { port }),
    ...(sourceNamespace === undefined ? {} : { sourceNamespace }),
    ...(Object.keys(sourceLabels).length === 0 ? {} : { sourceLabels }),
  }
}
