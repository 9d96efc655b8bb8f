import { refOf } from '../../../../objects/kinds.ts'
import { keyOf, type Ref } from '../../../../objects/kube-object.ts'
import type { RouteRef } from '../../../../routing/request/decision.ts'
import { isCatchAll } from '../../../../routing/match.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { readService, type IstioReading } from '../../read/reading.ts'
import { tableKeysOf, gatewaysOf, withAssumedGateways } from '../../route/service-tables.ts'
import { routeTable } from '../../route/table.ts'

/** What new VirtualServices of a service do in the mesh besides what they are made for. */
export interface NewRoutesEffect {
  /** Routes of other VirtualServices that no longer apply to the service's host. */
  readonly overridden: readonly RouteRef[]
  /** The route that takes everything before a new one; undefined where each new route takes requests. */
  readonly before: RouteRef | undefined
}

/**
 * What the VirtualServices that are in the view after an edit and not before it do to the routes of others,
 * for each caller, host and port.
 */
export function effectOfNewRoutes(reading: IstioReading, later: ClusterView): NewRoutesEffect {
  const { view, service } = reading
  const gateways = gatewaysOf(readService(later, service, reading))
  const [was, is] = [withAssumedGateways(view, gateways), withAssumedGateways(later, gateways)]
  const isNew = (ref: Ref): boolean => view.get(ref) === undefined
  const after = readService(is, service, reading)
  const keys = tableKeysOf({
    ...after,
    carriers: after.carriers.filter(({ object }) => isNew(refOf(object))),
  })
  const tables = keys.map(key => ({ before: routeTable(was, key), after: routeTable(is, key) }))
  const overridden = tables.flatMap(({ before, after: now }) => {
    const left = new Set(now.routes.map(({ ref }) => keyOf(ref.owner)))
    return before.routes.map(({ ref }) => ref).filter(ref => !left.has(keyOf(ref.owner)))
  })
  const before = tables.flatMap(({ after: now }) => {
    const first = now.routes.findIndex(({ match }) => isCatchAll(match))
    const own = now.routes.findIndex(({ ref }) => isNew(ref.owner))
    return first >= 0 && (own < 0 || first < own) ? [now.routes[first]!.ref] : []
  })[0]
  return { overridden: distinct(overridden), before }
}

const distinct = (refs: readonly RouteRef[]): readonly RouteRef[] => [
  ...new Map(refs.map(ref => [`${keyOf(ref.object)} ${ref.place.join('.')}`, ref])).values(),
]
