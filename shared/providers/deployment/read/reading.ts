import type { Service } from '../../../objects/core.ts'
import {
  wantedOf,
  readyOf,
  type Completeness,
  type RoutedService,
  type ServiceVersion,
} from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { inSession, once } from '../../../view/session.ts'
import { backingKinds } from '../../../workloads/workload-indexes.ts'
import type { ServiceWorkload } from '../../../workloads/service-workloads.ts'
import { podGroupsOf } from '../resolve/pod-groups.ts'

/** A version of a service: the pods of its workloads. */
export interface PodVersion extends ServiceVersion {
  readonly workloads: readonly ServiceWorkload[]
  readonly isStableTrack: boolean
}

/** A service as its Service and Deployments have it. */
export interface PodReading extends Completeness {
  readonly view: ClusterView
  readonly service: RoutedService
  /** Undefined where no version is known. */
  readonly object: Service | undefined
  /** The key of its selector that names the version; undefined where it selects all. */
  readonly switchKey: string | undefined
  readonly versions: readonly PodVersion[]
  readonly seesWorkloads: boolean
}

/** Reads a service; what is derived is derived once per session. */
export function readService(
  given: ClusterView,
  service: RoutedService,
  { complete }: Completeness,
): PodReading {
  const view = inSession(given)
  return once(view, [readService, `${service.namespace}/${service.name} ${service.host} ${complete}`], () => {
    const found = podGroupsOf(view, service)
    return {
      view,
      service,
      complete,
      object: found?.object,
      switchKey: found?.switchKey,
      versions: (found?.groups ?? []).map(({ alsoCalled, ...group }) => ({
        ...group,
        ...(alsoCalled.length > 0 && { alsoCalled }),
      })),
      seesWorkloads: !backingKinds.some(kind => view.unread.has(kind)),
    }
  })
}

/** The pods of a version that take requests: those that are ready; of files, those that are asked for. */
export const podsOf = ({ complete }: Completeness, version: ServiceVersion): number =>
  complete ? readyOf(version) : wantedOf(version)

/** The version that the selector of the Service names; undefined where it selects all. */
export const selectedOf = ({ object, switchKey, versions }: PodReading): PodVersion | undefined =>
  switchKey === undefined
    ? undefined
    : versions.find(({ name }) => name === object?.spec.selector?.[switchKey])
