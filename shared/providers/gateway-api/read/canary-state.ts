import type { CanaryState, RecordedCohort } from '../../../routing/provider.ts'
import { cohortsIn } from '../../../routing/record/record.ts'
import { cohortsOn, recordedOn } from '../../../routing/record/recorded-cohorts.ts'
import { stableOf } from '../../../routing/record/stable.ts'
import type { RoutedService } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { serviceMeantBy } from './services/applications.ts'
import { mirrorsOf } from './rules/mirrors.ts'
import type { RouteReading } from './reading.ts'
import { mirrorsIn } from './record.ts'
import { routesTo } from './rules/routed-rules.ts'
import { allRoutes } from './rules/route-lists.ts'
import { ruleKeys } from './rules/rule-keys.ts'
import { versionOfHost } from './services/versions.ts'

/** What is recorded of a service's canary on its routes. */
export function canaryOf({ view, service, rules, versions }: RouteReading): CanaryState {
  const routes = routesTo(view, service)
  const mirrors = rules
    .filter(({ cohort }) => cohort === undefined)
    .flatMap(rule => mirrorsOf(view, rule, service))
    .filter(({ isOurs }) => isOurs)
    .flatMap(({ host, percent }) => {
      const to = versionOfHost(versions, host)?.name
      return to === undefined ? [] : [{ to, percent }]
    })
  return {
    stable: [...new Set(routes.flatMap(route => stableOf(route, service) ?? []))],
    cohorts: cohortsOn(allRoutes(view), service),
    mirrors: [...new Map(mirrors.map(mirror => [mirror.to, mirror])).values()],
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

/** Whether the stable version, a cohort or a mirror of the service is recorded on a route. */
export const isMarked = (route: Parameters<typeof cohortsIn>[0], service: RoutedService): boolean =>
  stableOf(route, service) !== undefined
  || cohortsIn(route, service).length > 0
  || mirrorsIn(route, service).size > 0
