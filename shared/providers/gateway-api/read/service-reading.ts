import { refOf } from '../../../objects/kinds.ts'
import { keyOf, type Ref } from '../../../objects/kube-object.ts'
import type { Note } from '../../../routing/note.ts'
import type { CanaryState, ServiceReading } from '../../../routing/provider.ts'
import type { Completeness, RoutedService } from '../../../routing/service.ts'
import type { Traffic } from '../../../routing/traffic.ts'
import { readRecord, unreadableNote } from '../../../routing/record/record.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { canaryOf } from './canary-state.ts'
import { readService, type RouteReading } from './reading.ts'
import { routesTo } from './rules/routed-rules.ts'
import { servedHosts } from './services/service-hosts.ts'
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

/** What of the routes takes no requests. */
const idleNotes = ({ entryPoints }: Traffic): readonly Note[] =>
  entryPoints.flatMap(({ ref, idle, splits }): readonly Note[] =>
    idle !== undefined
      ? [{ kind: 'idle', object: ref, rule: idle.rule, reason: idle.reason }]
      : splits
          .filter(({ reached }) => !reached)
          .map(({ takes }) => ({
            kind: 'route-not-reached',
            object: ref,
            place: takes === '' ? 'spec.rules' : takes,
          })),
  )

/** The routes, and the Services behind them. */
function subjectsOf({ view, service }: RouteReading): readonly Ref[] {
  const services = servedHosts(service).flatMap((host): readonly Ref[] => {
    const [name = '', namespace = ''] = host.split('.')
    const ref: Ref = { kind: 'Service', namespace, name }
    return view.get(ref) === undefined ? [] : [ref]
  })
  const all = [...routesTo(view, service).map(refOf), ...services]
  return [...new Map(all.map(ref => [keyOf(ref), ref])).values()]
}
