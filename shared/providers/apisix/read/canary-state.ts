import type { ApisixRoute } from '../../../objects/apisix/apisix-route.ts'
import type { CanaryState, RecordedCohort } from '../../../routing/provider.ts'
import { cohortsIn } from '../../../routing/record/record.ts'
import { cohortsOn, recordedOn } from '../../../routing/record/recorded-cohorts.ts'
import { stableOf } from '../../../routing/record/stable.ts'
import type { RoutedService } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { allRoutes } from '../resolve/indexes.ts'
import { ruleKeys } from '../resolve/rules.ts'
import { serviceMeantBy } from './applications.ts'
import type { ApisixReading } from './reading.ts'
import { routesTo } from './routed-rules.ts'

/** What is recorded of a service's canary on its routes. */
export function canaryOf({ view, service }: ApisixReading): CanaryState {
  const routes = routesTo(view, service)
  return {
    stable: [...new Set(routes.flatMap(route => stableOf(route, service) ?? []))],
    cohorts: cohortsOn(allRoutes(view), service),
    mirrors: [],
  }
}

/** Every cohort that is recorded for a service of the namespace, or with `*` of any. */
export const recordedCohorts = (view: ClusterView, namespace: string): readonly RecordedCohort[] =>
  recordedOn(
    {
      objects: allRoutes(view),
      routesOf: ruleKeys,
      serviceOf: ({ service }) => {
        const [name = '', of = ''] = service.split('.')
        return serviceMeantBy(view, { name, namespace: of, clusterDomain: view.mesh.clusterDomain })
      },
    },
    namespace,
  )

/** Whether the stable version or a cohort of the service is recorded on a route. */
export const isMarked = (route: ApisixRoute, service: RoutedService): boolean =>
  stableOf(route, service) !== undefined || cohortsIn(route, service).length > 0
