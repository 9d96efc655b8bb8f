import type { ClusterView } from '../../../view/cluster-view.ts'
import { inSession } from '../../../view/session.ts'
import { backingKinds } from '../../../workloads/workload-indexes.ts'
import type { Completeness } from '../resolve/outcome.ts'
import { providersAt } from '../resolve/registry.ts'
import { carriersOf, wildcardCarriersOf, type Carrier } from './routes/carriers.ts'
import { hostOf, type RoutedService } from './routed-service.ts'
import { serviceMeantBy } from './applications/service-meant-by.ts'
import { callerRulesOf, versionsOf, type CallerRule, type IstioVersion } from './versions.ts'

/** One Service as the mesh reads it: what everything that is said of it, and done to it, rests on. */
export interface IstioReading extends Completeness {
  /** A session: what is derived from it is derived once. */
  readonly view: ClusterView
  readonly service: RoutedService
  readonly carriers: readonly Carrier[]
  /** Those that take its requests by a wildcard host and send them elsewhere. */
  readonly wildcardCarriers: readonly Carrier[]
  readonly versions: readonly IstioVersion[]
  readonly callers: readonly CallerRule[]
}

/** Reads a Service, of a version's Service the application; `complete` says that what is not in view does not exist. */
export function readService(
  view: ClusterView,
  said: RoutedService,
  { complete }: Completeness,
): IstioReading {
  const session = inSession(view)
  const service = serviceMeantBy(session, said)
  return {
    view: session,
    service,
    complete,
    get carriers() {
      return carriersOf(session, service, { complete })
    },
    get wildcardCarriers() {
      return wildcardCarriersOf(session, service, { complete })
    },
    get versions() {
      return versionsOf(session, service, { complete })
    },
    get callers() {
      return callerRulesOf(session, service, { complete })
    },
  }
}

/**
 * Whether the workloads of the versions could be read. Where they could not, a note of the view says so, and
 * a version without any may be ready.
 */
export const seesWorkloads = ({ view, service }: IstioReading): boolean =>
  service.host === undefined
    ? !backingKinds.some(kind => view.unread.has(kind))
    : providersAt(view, hostOf(service)).length > 0

/** The port of a Service that has only one; undefined for others. */
export function onlyPortOf({ view, service }: IstioReading): number | undefined {
  const ports = providersAt(view, hostOf(service)).flatMap(provider => provider.ports)
  return ports.length === 1 ? ports[0]!.port : undefined
}
