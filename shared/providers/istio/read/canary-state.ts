import type { VirtualService } from '../../../objects/virtual-service.ts'
import type { CanaryState } from '../../../routing/provider.ts'
import type { WantedCohort } from '../../../routing/wanted.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { once } from '../../../view/session.ts'
import { cohortsIn, recordIn, type CohortRecord } from './record/record.ts'
import { isOfPeople, stickyIn } from './record/sticky.ts'
import { stableOf } from './record/stable.ts'
import { hostOf, idOf, type RoutedService } from './routed-service.ts'
import { routesTo } from './routes/carriers.ts'
import { servicesIn } from './services.ts'

/**
 * What is recorded of a service's canary. A cohort counts wherever its record is, also where the route that it
 * was set on leads elsewhere by now.
 */
export function canaryOf(view: ClusterView, service: RoutedService): CanaryState {
  return once(view, [canaryOf, hostOf(service)], () => {
    const cohorts = view
      .list('VirtualService')
      .flatMap(route => cohortsIn(route, service))
      .filter(isOfPeople)
      .map(wantedCohort)
    const sticky = routesTo(view, service)
      .map(route => stickyIn(route, service))
      .find(found => found !== undefined)
    return {
      stable: [...new Set(routesTo(view, service).flatMap(route => stableOf(route, service) ?? []))],
      cohorts: [...new Map(cohorts.toReversed().map(cohort => [cohort.name, cohort])).values()].toReversed(),
      ...(sticky !== undefined && { sticky: { cookie: sticky.cookie, ttl: sticky.ttl } }),
    }
  })
}

/** Every cohort that is recorded for a service of the namespace, also where nothing else names the service. */
export function recordedCohorts(
  view: ClusterView,
  namespace: string,
): readonly (WantedCohort & { readonly service: string })[] {
  const ids = new Set(servicesIn(view, namespace).map(idOf))
  const isOf = (service: string): boolean => ids.has(service) || service.endsWith(`.${namespace}`)
  return view
    .list('VirtualService')
    .flatMap(route => recordIn(route)?.cohorts ?? [])
    .filter(isOfPeople)
    .flatMap(record => (isOf(record.service) ? [{ ...wantedCohort(record), service: record.service }] : []))
}

/** Whether the stable version or a cohort of the service is recorded on a VirtualService. */
export const isMarked = (object: VirtualService, service: RoutedService): boolean =>
  stableOf(object, service) !== undefined || cohortsIn(object, service).length > 0

const wantedCohort = ({ name, to, when, since, until, reason }: CohortRecord): WantedCohort => ({
  name,
  to,
  when,
  ...(since !== undefined && { since }),
  ...(until !== undefined && { until }),
  ...(reason !== undefined && { reason }),
})
