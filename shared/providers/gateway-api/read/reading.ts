import type { Completeness, RoutedService } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { inSession, once } from '../../../view/session.ts'
import { backingKinds } from '../../../workloads/workload-indexes.ts'
import { serviceMeantBy } from './services/applications.ts'
import { rulesTo, type RoutedRule } from './rules/routed-rules.ts'
import { keyOfService } from './services/service-hosts.ts'
import { versionsOf, type RouteVersion } from './services/versions.ts'

/** A service as its routes of the Gateway API have it. */
export interface RouteReading extends Completeness {
  readonly view: ClusterView
  readonly service: RoutedService
  readonly rules: readonly RoutedRule[]
  readonly versions: readonly RouteVersion[]
  readonly seesWorkloads: boolean
}

/** Reads a service; what is derived is derived once per session. */
export function readService(
  given: ClusterView,
  said: RoutedService,
  { complete }: Completeness,
): RouteReading {
  const view = inSession(given)
  const service = serviceMeantBy(view, said)
  return once(view, [readService, `${keyOfService(service)} ${complete}`], () => ({
    view,
    service,
    complete,
    rules: rulesTo(view, service),
    versions: versionsOf(view, service),
    seesWorkloads: !backingKinds.some(kind => view.unread.has(kind)),
  }))
}
