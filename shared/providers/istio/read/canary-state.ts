import { refOf } from '../../../objects/kinds.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import type { VirtualService } from '../../../objects/virtual-service.ts'
import type { CanaryState, Preview, RecordedCohort } from '../../../routing/provider.ts'
import type { WantedMirror } from '../../../routing/wanted.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { once } from '../../../view/session.ts'
import { hasMirrors } from './record/mirrored-routes.ts'
import { previewOf } from './record/preview.ts'
import { cohortsIn, type CohortRecord } from '../../../routing/record/record.ts'
import { cohortsOn, recordedOn } from '../../../routing/record/recorded-cohorts.ts'
import { stickyIn } from './record/sticky.ts'
import { stableOf } from '../../../routing/record/stable.ts'
import { keyOfService, listOf, type RoutedService } from './routed-service.ts'
import type { IstioReading } from './reading.ts'
import { routesTo } from './routes/carriers.ts'
import { serviceMeantBy } from './applications/service-meant-by.ts'
import { mirrorsOf } from './routes/mirrors.ts'
import { versionNamed } from './versions.ts'
import { externalService } from './services.ts'

/**
 * What is recorded of a service's canary. A cohort counts wherever its record is, also where the route that it
 * was set on leads elsewhere by now.
 */
export function canaryOf(view: ClusterView, service: RoutedService): Omit<CanaryState, 'mirrors'> {
  return once(view, [canaryOf, keyOfService(service)], () => {
    const sticky = routesTo(view, service)
      .map(route => stickyIn(route, service))
      .find(found => found !== undefined)
    return {
      stable: [...new Set(routesTo(view, service).flatMap(route => stableOf(route, service) ?? []))],
      previews: previewsOf(view, service),
      cohorts: cohortsOn(view.list('VirtualService'), service),
      ...(sticky !== undefined && { sticky: { cookie: sticky.cookie, ttl: sticky.ttl } }),
    }
  })
}

const previewsOf = (view: ClusterView, service: RoutedService): readonly Preview[] =>
  routesTo(view, service).flatMap(route => {
    const to = previewOf(route)
    return to === undefined ? [] : [{ to, object: refOf(route), hosts: listOf(route.spec.hosts) }]
  })
/** The mirrors of a service that were set by a command, each version once. */
export function recordedMirrors({ view, service, versions }: IstioReading): readonly WantedMirror[] {
  const ours = view
    .list('VirtualService')
    .filter(route => hasMirrors(route, service))
    .flatMap(route => mirrorsOf(route, service))
    .filter(({ isOurs }) => isOurs)
    .map(({ target, percent }) => ({ to: versionNamed(target, versions), percent }))
  return [...new Map(ours.map(mirror => [mirror.to, mirror])).values()]
}

/**
 * Every cohort that is recorded for a service of the namespace, or with `*` of any, also where nothing else names
 * the service.
 */
export const recordedCohorts = (view: ClusterView, namespace: string): readonly RecordedCohort[] =>
  recordedOn(
    {
      objects: view.list('VirtualService'),
      routesOf: object => listOf(object.spec.http).map(({ name }) => name),
      serviceOf: (record, object) => routedOf(view, object, record),
    },
    namespace,
  )

/**
 * The service that a record names: `catalog.shop` is a Service, unless only a ServiceEntry or a route knows it as a
 * host.
 */
function routedOf(view: ClusterView, object: VirtualService, { service: id }: CohortRecord): RoutedService {
  const { clusterDomain } = view.mesh
  const [name = '', namespace = '', ...more] = id.split('.')
  const external = externalService(view, id, namespaceOf(object))
  const isService = more.length === 0 && view.get({ kind: 'Service', namespace, name }) !== undefined
  if (more.length === 0 && (isService || external === undefined))
    return serviceMeantBy(view, { name, namespace, clusterDomain })
  return external ?? { name: id, host: id, namespace: namespaceOf(object), clusterDomain }
}

/** Whether the stable version, a cohort or a mirror of the service is recorded on a VirtualService. */
export const isMarked = (object: VirtualService, service: RoutedService): boolean =>
  stableOf(object, service) !== undefined
  || cohortsIn(object, service).length > 0
  || hasMirrors(object, service)
