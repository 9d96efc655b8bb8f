import { CanaryError } from '../../../../objects/canary-error.ts'
import type { VirtualService } from '../../../../objects/virtual-service.ts'
import { isEqual } from '../../../../objects/content/equal.ts'
import { refuseOwned } from '../../../../routing/provider.ts'
import { ownedObject } from '../../read/owners.ts'
import type { IstioReading } from '../../read/reading.ts'
import type { WantedStart } from '../../../../routing/wanted.ts'
import type { Change } from '../../../../view/change.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { previewAnnotation, previewOf } from '../../read/record/preview.ts'
import { listOf } from '../../read/routed-service.ts'
import { routesTo } from '../../read/routes/carriers.ts'
import { gatewayName } from '../../resolve/objects/match.ts'
import { withAnnotation } from '../../../../routing/record/write-record.ts'
import { gatewayPort, newRoute, routesToTarget, type NewRoutes } from './missing-routes.ts'

/**
 * A VirtualService of ours that shows a version at hosts of its own, unless there is one; one for the same hosts
 * that shows another version is turned to this one. The target is that of the version. Throws a CanaryError `refused`
 * where requests of hosts cannot be distinguished.
 */
export function previewRoutes(
  view: ClusterView,
  start: NewRoutes,
  { version, hosts, gateways }: NonNullable<WantedStart['preview']>,
): readonly Change[] {
  const { service, ports } = start
  if (!ports.some(({ takesHttp }) => takesHttp))
    throw new CanaryError('refused', `Service ${service.name} has no http port, and a preview needs one`, {
      hints: ['Hosts and headers can be told apart in http requests only.'],
    })
  const there = routesTo(view, service)
    .filter(route => previewOf(route) !== undefined)
    .find(route => isFor(route, { hosts, gateways, namespace: service.namespace }))
  const port = gatewayPort(start)
  const annotation = { key: previewAnnotation, value: version }
  if (there === undefined) {
    const { after } = newRoute(view, start, { suffix: '-preview', hosts, gateways, port })
    return [{ after: withAnnotation(after as VirtualService, annotation) }]
  }
  const { http = [] } = routesToTarget(start, port)
  const isSame = previewOf(there) === version && isEqual(leadOf(there.spec.http), leadOf(http))
  return isSame
    ? []
    : [
        {
          before: there,
          after: withAnnotation({ ...there, spec: { ...there.spec, http } }, annotation),
        },
      ]
}

const leadOf = (routes: VirtualService['spec']['http']): unknown => listOf(routes)[0]?.route?.[0]?.destination

/** The changes that take away what shows a version whose time as a canary is over. */
export const endedPreviews = ({ view, service }: IstioReading, over: readonly string[]): readonly Change[] =>
  routesTo(view, service)
    .filter(route => over.includes(previewOf(route) ?? ''))
    .map(before => {
      const owned = ownedObject(view, before, service)
      if (owned !== undefined) refuseOwned(owned)
      return { before }
    })

const isFor = (
  { spec }: VirtualService,
  {
    hosts,
    gateways,
    namespace,
  }: {
    readonly hosts: readonly string[]
    readonly gateways: readonly string[]
    readonly namespace: string
  },
): boolean => {
  const full = (names: readonly string[]): string =>
    names
      .map(name => gatewayName(name, namespace))
      .toSorted()
      .join()
  return (
    listOf(spec.hosts).toSorted().join() === hosts.toSorted().join()
    && full(listOf(spec.gateways)) === full(gateways)
  )
}
