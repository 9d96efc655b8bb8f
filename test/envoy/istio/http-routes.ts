import type { HttpMatch, HttpRoute, VirtualService } from '../../../shared/objects/virtual-service.ts'
import type { Place } from './client.ts'
import { actionOf, responseHeadersOf } from './route-action.ts'
import { isCatchAll, routeMatchOf, type RouteMatch } from './route-match.ts'
import { namespaceOf } from '../../../shared/objects/kube-object.ts'

/** A route of Envoy's. */
export interface EnvoyRoute {
  readonly match: RouteMatch
}

/** The routes of a VirtualService in one place; those after one that takes everything are not made (`BuildHTTPRoutesForVirtualService`). */
export function httpRoutesOf(owner: VirtualService, place: Place): readonly EnvoyRoute[] {
  const routes: EnvoyRoute[] = []
  for (const http of owner.spec.http ?? []) {
    for (const match of http.match?.length ? http.match : [undefined]) {
      if (match && !isFor(match, owner, place)) continue
      const route = routeOf(owner, { http, match, place })
      routes.push(route)
      if (!match || isCatchAll(route.match)) return routes
    }
  }
  return routes
}

interface Block {
  readonly http: HttpRoute
  readonly match: HttpMatch | undefined
  readonly place: Place
}

function routeOf(owner: VirtualService, { http, match, place }: Block): EnvoyRoute {
  const virtualService = `${namespaceOf(owner)}/${owner.metadata.name}`
  const name = match?.name ? `${http.name ?? ''}.${match.name}` : (http.name ?? '')
  // A percent sign starts a format operator.
  const value = JSON.stringify({ virtualService, route: name }).replaceAll('%', '%%')
  return {
    match: routeMatchOf(match),
    response_headers_to_add: [
      { header: { key: 'x-answer', value } },
      ...responseHeadersOf(http),
      // `processDestination`: what a lone destination does is the route's.
      ...(http.route?.length === 1 ? responseHeadersOf(http.route[0]!) : []),
    ],
    ...actionOf(http, place),
  } as EnvoyRoute
}

// `sourceMatchHTTP`: where gateways are named, the source is not asked.
function isFor(match: HttpMatch, owner: VirtualService, place: Place): boolean {
  if (match.port && match.port !== place.port) return false
  if (match.gateways?.length) {
    return match.gateways.some(name => gatewayName(name, namespaceOf(owner)) === place.gateway)
  }
  const hasLabels = Object.entries(match.sourceLabels ?? {}).every(
    ([key, value]) => place.labels[key] === value,
  )
  return hasLabels && (!match.sourceNamespace || match.sourceNamespace === place.namespace)
}

/** The name by which a gateway is known everywhere (`resolveGatewayName`): without a slash it is in the namespace of the object that names it, `name.namespace` is an old spelling. */
export function gatewayName(name: string, namespace: string): string {
  if (name === 'mesh') return name
  if (name.includes('/')) return name.replace(/^\.\//, `${namespace}/`)
  const [own, other = namespace] = name.split('.')
  return `${other}/${own}`
}
