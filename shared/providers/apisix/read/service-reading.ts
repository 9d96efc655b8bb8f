import { refOf } from '../../../objects/kinds.ts'
import { keyOf, type Ref } from '../../../objects/kube-object.ts'
import { serviceOfHost } from '../../../objects/hosts.ts'
import type { Note } from '../../../routing/note.ts'
import type { CanaryState, ServiceReading } from '../../../routing/provider.ts'
import { readRecord, unreadableNote } from '../../../routing/record/record.ts'
import type { Completeness, RoutedService } from '../../../routing/service.ts'
import type { Traffic } from '../../../routing/traffic.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { servedHostsOf } from '../../../workloads/service-versions.ts'
import { canaryOf } from './canary-state.ts'
import { readService, type ApisixReading } from './reading.ts'
import { routesTo } from './routed-rules.ts'
import { trafficOf } from './traffic.ts'

/** A service in the terms that all routing APIs share: each part is derived when it is first asked for. */
export function readForPort(
  given: ClusterView,
  said: RoutedService,
  completeness: Completeness,
): ServiceReading {
  const reading = readService(given, said, completeness)
  const { view, service, versions, complete, seesWorkloads } = reading
  let traffic: Traffic | undefined
  let canary: CanaryState | undefined
  return {
    isOutsideMesh: true,
    view,
    service,
    versions,
    complete,
    seesWorkloads,
    get traffic() {
      return (traffic ??= trafficOf(reading))
    },
    get canary() {
      return (canary ??= canaryOf(reading))
    },
    get idleNotes() {
      return idleNotes((traffic ??= trafficOf(reading)))
    },
    get recordNotes() {
      return routesTo(view, service)
        .filter(route => readRecord(route) === undefined)
        .map(unreadableNote)
    },
    get subjects() {
      return subjectsOf(reading)
    },
  }
}

/** The rules that no request reaches. */
const idleNotes = ({ entryPoints }: Traffic): readonly Note[] =>
  entryPoints.flatMap(({ ref, splits }): readonly Note[] =>
    splits
      .filter(({ reached }) => !reached)
      .map(({ takes }) => ({
        kind: 'route-not-reached',
        object: ref,
        place: takes === '' ? 'spec.http' : takes,
      })),
  )

/** The routes, and the Services behind them. */
function subjectsOf({ view, service }: ApisixReading): readonly Ref[] {
  const services = servedHostsOf(service).flatMap((host): readonly Ref[] => {
    const named = serviceOfHost(host, view.mesh.clusterDomain)
    const ref: Ref | undefined = named && { kind: 'Service', ...named }
    return ref === undefined || view.get(ref) === undefined ? [] : [ref]
  })
  const all = [...routesTo(view, service).map(refOf), ...services]
  return [...new Map(all.map(ref => [keyOf(ref), ref])).values()]
}
