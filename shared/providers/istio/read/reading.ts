import type { ClusterView } from '../../../view/cluster-view.ts'
import { inSession } from '../../../view/session.ts'
import { backingKinds } from '../resolve/indexes/workloads.ts'
import type { Completeness } from '../resolve/outcome.ts'
import { providersAt } from '../resolve/registry.ts'
import { carriersOf, type Carrier } from './routes/carriers.ts'
import { hostOf, type RoutedService } from './routed-service.ts'
import { callerRulesOf, versionsOf, type CallerRule, type ServiceVersion } from './versions.ts'

/** One Service as the mesh reads it: what everything that is said of it, and done to it, rests on. */
export interface ServiceReading extends Completeness {
  /** A session: what is derived from it is derived once. */
  readonly view: ClusterView
  readonly service: RoutedService
  readonly carriers: readonly Carrier[]
  readonly versions: readonly ServiceVersion[]
  readonly callers: readonly CallerRule[]
}

/** Reads a Service; `complete` says that what is not in view does not exist. */
export function readService(
  view: ClusterView,
  service: RoutedService,
  { complete }: Completeness,
): ServiceReading {
  const session = inSession(view)
  return {
    view: session,
    service,
    complete,
    get carriers() {
      return carriersOf(session, service, { complete })
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
 * Whether the pods of a version could be read. Where they could not, a note of the view says so, and they may
 * be ready.
 */
export function isReadinessKnown({ view, service }: ServiceReading, { workloads }: ServiceVersion): boolean {
  if (workloads.length > 0) return true
  if (service.host !== undefined) return providersAt(view, hostOf(service)).length > 0
  return !backingKinds.some(kind => view.unread.has(kind))
}

/** The port of a Service that has only one; undefined for others. */
export function onlyPortOf({ view, service }: ServiceReading): number | undefined {
  const ports = providersAt(view, hostOf(service)).flatMap(provider => provider.ports)
  return ports.length === 1 ? ports[0]!.port : undefined
}
