import type { Completeness, RoutedService } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { inSession, once } from '../../../view/session.ts'
import { hostedVersions, servedHostsOf, type HostedVersion } from '../../../workloads/service-versions.ts'
import { backingKinds } from '../../../workloads/workload-indexes.ts'
import { serviceMeantBy } from './applications.ts'
import { routesTo, rulesIn, type ApisixRoutedRule } from './routed-rules.ts'

/** A service as its ApisixRoutes have it. */
export interface ApisixReading extends Completeness {
  readonly view: ClusterView
  readonly service: RoutedService
  readonly rules: readonly ApisixRoutedRule[]
  readonly versions: readonly HostedVersion[]
  readonly seesWorkloads: boolean
}

/** Reads a service; what is derived is derived once per session. */
export function readService(
  given: ClusterView,
  said: RoutedService,
  { complete }: Completeness,
): ApisixReading {
  const view = inSession(given)
  const service = serviceMeantBy(view, said)
  return once(view, [readService, `${servedHostsOf(service).join(' ')} ${complete}`], () => {
    const rules = routesTo(view, service).flatMap(route => rulesIn(view, route, { service, complete }))
    const routed = new Set(rules.flatMap(({ parts }) => parts.flatMap(({ host }) => host ?? [])))
    return {
      view,
      service,
      complete,
      rules,
      versions: hostedVersions(view, service, routed),
      seesWorkloads: !backingKinds.some(kind => view.unread.has(kind)),
    }
  })
}
