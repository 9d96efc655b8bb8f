import { keyOf } from '../../../objects/kube-object.ts'
import type { HttpMatch, VirtualService } from '../../../objects/virtual-service.ts'
import { merged, type Change } from '../../../view/change.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { overlay } from '../../../view/overlay.ts'
import { inSession } from '../../../view/session.ts'
import { nameOf } from '../read/routes/carriers.ts'
import { readService, type ServiceReading } from '../read/reading.ts'
import { createdFor } from '../read/record/record.ts'
import { routeKeys } from '../read/record/route-keys.ts'
import { listOf } from '../read/routed-service.ts'
import { rootsOf } from '../resolve/delegates.ts'
import { routingOf } from '../resolve/objects/routes.ts'
import { gatewaysOf, tableKeysOf, withAssumedGateways } from '../route/service-tables.ts'
import type { TableKey } from '../route/table.ts'
import { cohortBeside } from './beside.ts'
import { startCohort, type Named } from './canary.ts'
import type { Cohort } from './cohort-route.ts'
import { baseRouteTest, type Elsewhere } from './cohort.ts'
import { unreachedBases } from './reach.ts'
import { disturbancesOf, writtenRoute, type Disturbance } from './effect.ts'

/** A cohort that is to be set on the VirtualServices of a service. */
export interface CohortPlacing {
  readonly reading: ServiceReading
  readonly routes: readonly VirtualService[]
  /** The cohort on one of them. */
  readonly cohortFor: (object: VirtualService) => Cohort
  readonly stable: Named
  /** What is changed before the routes: subsets. */
  readonly first: readonly Change[]
}

/** The changes of the routes, and what is wrong with them in the mesh where no place could be found. */
export interface Placed {
  readonly changes: readonly Change[]
  readonly disturbance: Disturbance | undefined
  /** The view with the changes. */
  readonly after: ClusterView
}

/**
 * Sets a cohort where it overtakes nothing: before its base routes; where that would take requests from the routes of other VirtualServices of a gateway's
 * host, in a VirtualService of its own that Istio sorts behind all of them.
 */
export function placeCohort(given: CohortPlacing): Placed {
  const unreached = unreachedBases(given)
  const placing: CohortPlacing = {
    ...given,
    cohortFor: object => ({ ...given.cohortFor(object), unreached: unreached.get(object) ?? new Map() }),
  }
  const elsewhere = new Map<string, Set<string>>()
  for (;;) {
    const placed = placedWith(placing, elsewhere)
    const { disturbance } = placed
    if (disturbance === undefined || !moved(placing, placed.after, { disturbance, elsewhere })) return placed
  }
}

/** Marks the base route of a disturbance as one whose copy goes elsewhere; false where that cannot help. */
function moved(
  { routes, reading }: CohortPlacing,
  after: ClusterView,
  {
    disturbance,
    elsewhere,
  }: { readonly disturbance: Disturbance; readonly elsewhere: Map<string, Set<string>> },
): boolean {
  const { is, key, base } = disturbance
  if (is !== 'overtakes' || key.caller.kind !== 'gateway' || base === undefined) return false
  const object = routes.find(route => nameOf(route) === `${base.object.namespace}/${base.object.name}`)
  const isDelegate = object !== undefined && listOf(object.spec.hosts).length === 0
  const now = after.get({ ...base.object, kind: 'VirtualService' })
  const written = writtenRoute(after, base)
  if (object === undefined || isDelegate || now === undefined || written === undefined) return false
  const bases = listOf(now.spec.http).filter(baseRouteTest(now, reading.service))
  const routeKey = routeKeys(bases).get(written)
  const keys = elsewhere.get(nameOf(object)) ?? new Set<string>()
  if (routeKey === undefined || keys.has(routeKey)) return false
  elsewhere.set(nameOf(object), keys.add(routeKey))
  return true
}

function placedWith(
  { reading, routes, cohortFor, stable, first }: CohortPlacing,
  elsewhere: ReadonlyMap<string, Elsewhere>,
): Placed {
  const { view, service } = reading
  const changes = routes.flatMap((before): readonly Change[] => {
    const cohort = cohortFor(before)
    const keys: Elsewhere = elsewhere.get(nameOf(before)) ?? new Set()
    const after = startCohort(before, { cohort, stable, elsewhere: keys })
    const made = view.list('VirtualService').find(object => createdFor(object) === nameOf(before))
    if (made === undefined && keys.size === 0) return [{ before, after }]
    const name = made?.metadata.name ?? nameBeside(view, before)
    const beside = cohortBeside({ object: after, name, made }, cohort, keys)
    return beside === undefined && made === undefined
      ? [{ before, after }]
      : [
          { before, after },
          { before: made, after: beside },
        ]
  })
  const later = inSession(overlay(view, merged([...first, ...changes])))
  const name = cohortFor(routes[0]!).name
  const { when } = cohortFor(routes[0]!)
  const gateways = gatewaysOf(reading)
  const [before, after] = [withAssumedGateways(view, gateways), withAssumedGateways(later, gateways)]
  const keys = [before, after].flatMap(side => tableKeysOf(readService(side, service, reading)))
  const [disturbance] = disturbancesOf({ service, name, when, before, after }, distinct(keys))
  return { changes, disturbance, after: later }
}

const distinct = (keys: readonly TableKey[]): readonly TableKey[] => [
  ...new Map(keys.map(key => [JSON.stringify(key), key])).values(),
]

/** A free name that Istio sorts behind those of all VirtualServices that share a gateway with this one, should they be of one age. */
function nameBeside(view: ClusterView, object: VirtualService): string {
  const { gateways } = routingOf(object)
  const sharing = view
    .list('VirtualService')
    .filter(other => routingOf(other).gateways.some(name => name !== 'mesh' && gateways.includes(name)))
    .map(({ metadata }) => metadata.name)
  const last = [object.metadata.name, ...sharing].toSorted().at(-1)!
  const names = [`${object.metadata.name}-canary`, `${last}-canary`, `${last}-${object.metadata.name}-canary`]
  const isFree = (name: string): boolean =>
    name > last
    && view.get({ kind: 'VirtualService', namespace: routingOf(object).namespace, name }) === undefined
  return names.find(isFree) ?? `${last}-canary-${sharing.length}`
}

/** What the roots that delegate to a VirtualService demand of each block of its routes, as Istio merges them only then (hasConflict): each set that differs. */
export function demandsOn(view: ClusterView, object: VirtualService): readonly HttpMatch[] {
  if (routingOf(object).hosts.length > 0) return []
  const blocks = rootsOf(view, object).flatMap(root =>
    routingOf(root)
      .routes.filter(({ delegate }) => delegate !== undefined && isFor(delegate, object))
      .flatMap(({ conditions }) =>
        conditions.map(({ block, sourceNamespace }): HttpMatch => ({
          ...(block['ignoreUriCase'] === true ? { ignoreUriCase: true } : {}),
          ...(sourceNamespace === undefined ? {} : { sourceNamespace }),
        })),
      ),
  )
  return [...new Map(blocks.map(block => [JSON.stringify(block), block])).values()]
}

const isFor = (
  delegate: { readonly name: string; readonly namespace: string },
  object: VirtualService,
): boolean => keyOf({ kind: 'VirtualService', ...delegate }) === `VirtualService ${nameOf(object)}`
