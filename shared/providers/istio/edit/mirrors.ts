import type { Destination, HttpRoute, VirtualService } from '../../../objects/virtual-service.ts'
import { destinationsTo, leadsTo, listOf, type RoutedService } from '../read/routed-service.ts'
import { targetIn, type VersionTarget } from '../read/version-target.ts'

/**
 * Removes the shadow traffic of the service's own routes to the versions for which the test holds; other
 * mirrors stay, also those by which another service's requests are copied.
 */
export function removeMirrors(
  virtualService: VirtualService,
  service: RoutedService,
  isGone: (target: VersionTarget, route: HttpRoute) => boolean,
): VirtualService {
  const leads = leadsTo(virtualService, service)
  const target = targetIn(virtualService, service)
  const routes = listOf(virtualService.spec.http)
  const http = routes.map(route =>
    destinationsTo(route, leads).length > 0
      ? withoutMirrors(
          route,
          destination =>
            destination !== undefined && leads(destination) && isGone(target(destination), route),
        )
      : route,
  )
  return http.every((route, i) => route === routes[i])
    ? virtualService
    : { ...virtualService, spec: { ...virtualService.spec, http } }
}

function withoutMirrors(
  route: HttpRoute,
  isHit: (destination: Destination | undefined) => boolean,
): HttpRoute {
  const single = isHit(route.mirror) ? withoutMirror(route) : route
  const mirrors = listOf(single.mirrors)
  const left = mirrors.filter(({ destination }) => !isHit(destination))
  if (left.length === mirrors.length) return single
  const { mirrors: _, ...rest } = single
  return left.length === 0 ? rest : { ...single, mirrors: left }
}

const withoutMirror = ({
  mirror: _m,
  mirrorPercentage: _p,
  mirrorPercent: _q,
  mirror_percent: _r,
  ...rest
}: HttpRoute): HttpRoute => rest
