import { refOf } from '../../../objects/kinds.ts'
import { keyOf, type Ref } from '../../../objects/kube-object.ts'
import type { CanaryState, ServiceReading } from '../../../routing/provider.ts'
import { readRecord, unreadableNote } from '../../../routing/record/record.ts'
import { stableOf } from '../../../routing/record/stable.ts'
import { idOf, type Completeness, type RoutedService } from '../../../routing/service.ts'
import type { Traffic } from '../../../routing/traffic.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { workloadsOfService } from '../../../workloads/service-workloads.ts'
import { madePreview } from '../resolve/preview.ts'
import { notDeployments } from './not-deployments.ts'
import { readService, type PodReading } from './reading.ts'
import { restoreIn } from './record.ts'
import { affinityOf, trafficOf } from './traffic.ts'

/** A service in the terms that all routing APIs share: each part is derived when it is first asked for. */
export function readForPort(
  given: ClusterView,
  service: RoutedService,
  completeness: Completeness,
): ServiceReading {
  const reading = readService(given, service, completeness)
  const { view, versions, complete, seesWorkloads, object } = reading
  const noVersions = object === undefined ? notDeployments(view, service) : undefined
  let traffic: Traffic | undefined
  return {
    isOutsideMesh: true,
    ...(noVersions !== undefined && { noVersions }),
    view,
    service,
    versions,
    complete,
    seesWorkloads,
    get traffic() {
      return (traffic ??= trafficOf(reading))
    },
    get canary() {
      return canaryOf(reading)
    },
    idleNotes: [],
    recordNotes: object !== undefined && readRecord(object) === undefined ? [unreadableNote(object)] : [],
    get subjects() {
      return subjectsOf(reading)
    },
  }
}

/** The cookie of a routing API that keeps users by one: here it is a name alone. */
export const cookieOf = (service: RoutedService): string => `canary-${idOf(service)}`

function canaryOf({ view, service, object }: PodReading): CanaryState {
  if (object === undefined) return { stable: [], cohorts: [], mirrors: [] }
  const stable = stableOf(object, service)
  const ttl = restoreIn(object).affinity === undefined ? undefined : affinityOf(object)
  const preview = madePreview(view, service)
  return {
    stable: stable === undefined ? [] : [stable],
    cohorts: [],
    mirrors: [],
    ...(ttl !== undefined && { sticky: { cookie: cookieOf(service), ttl } }),
    ...(preview !== undefined && {
      previews: [
        { to: preview.version, object: refOf(preview.object), hosts: [preview.object.metadata.name] },
      ],
    }),
  }
}

/** The Service, and the workloads behind it: those of its versions, or all where none of them says a version. */
function subjectsOf({ view, service, object, versions }: PodReading): readonly Ref[] {
  const { namespace } = service
  const found = view.get({ kind: 'Service', namespace, name: service.name })
  const behind = object !== undefined || found === undefined ? [] : workloadsOfService(view, found)
  const workloads = [...versions.flatMap(version => version.workloads), ...behind].flatMap(
    ({ kind, name }): readonly Ref[] =>
      kind === 'Deployment' && view.get({ kind: 'Deployment', namespace, name }) !== undefined
        ? [{ kind: 'Deployment', namespace, name }]
        : [],
  )
  const all = [...(object === undefined ? [] : [refOf(object)]), ...workloads]
  return [...new Map(all.map(ref => [keyOf(ref), ref])).values()]
}
