import type { RouteRef } from '../../../../routing/decision.ts'
import { keyOf } from '../../../../objects/kube-object.ts'
import type { HttpMatch, VirtualService } from '../../../../objects/virtual-service.ts'
import { merged, type Change } from '../../../../view/change.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { overlay } from '../../../../view/overlay.ts'
import { inSession } from '../../../../view/session.ts'
import { nameOf } from '../../read/routes/carriers.ts'
import { readService, type IstioReading } from '../../read/reading.ts'
import { cohortsIn, createdFor, type CohortRecord } from '../../read/record/record.ts'
import { routeKeys } from '../../read/record/route-keys.ts'
import { listOf, type RoutedService } from '../../read/routed-service.ts'
import { rootsOf } from '../../resolve/delegates.ts'
import { routingOf } from '../../resolve/objects/routes.ts'
import { gatewaysOf, tableKeysOf, withAssumedGateways } from '../../route/service-tables.ts'
import type { TableKey } from '../../route/table.ts'
import { cohortBeside, endCohortsBeside } from './beside.ts'
import { startCohort, type NamedSubset } from '../canary.ts'
import type { Cohort } from '../cohort-route.ts'
import { baseRouteTest, removeCohort, type Elsewhere } from '../cohort.ts'
import { unreachedBases } from './reach.ts'
import { writtenRoute } from './cohort-table.ts'
import { disturbancesOf, type Disturbance } from './effect.ts'

/** A cohort that is to be set on the VirtualServices of a service. */
export interface CohortPlacing {
  readonly reading: IstioReading
  readonly routes: readonly VirtualService[]
  /** The cohort on one of them. */
  readonly cohortFor: (object: VirtualService) => Cohort
  readonly stable: NamedSubset
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
 * Sets a cohort where it overtakes nothing: before its base routes; where that would take requests from the
 * routes of other VirtualServices of a gateway's
 * host, in a VirtualService of its own that Istio sorts behind all of them.
 */
export function placeCohort(given: CohortPlacing): Placed {
  const unreached = unreachedBases(given)
  const placing: CohortPlacing = {
    ...given,
    cohortFor: object => ({ ...given.cohortFor(object), unreached: unreached.get(object) ?? new Map() }),
  }
  const places: Displaced = { elsewhere: new Map(), renamed: new Set() }
  for (;;) {
    const placed = placedWith(placing, places)
    const { disturbance } = placed
    if (disturbance === undefined || !moved(placing, placed.after, { disturbance, places })) return placed
  }
}

/** What is not placed before its base route, by the VirtualService that it is of. */
interface Displaced {
  /** Base routes whose copies for gateways are in the VirtualService beside. */
  readonly elsewhere: Map<string, Set<string>>
  /** Those whose VirtualService beside gets a new name, because others are sorted behind it by now. */
  readonly renamed: Set<string>
}

/** Marks the base route of a disturbance as one whose copy goes elsewhere; false where that is no way out. */
function moved(
  placing: CohortPlacing,
  after: ClusterView,
  { disturbance, places }: { readonly disturbance: Disturbance; readonly places: Displaced },
): boolean {
  const { is, key, base } = disturbance
  if (is !== 'overtakes' || key.caller.kind !== 'gateway' || base === undefined) return false
  const found = overtakingBase(placing, after, base)
  if (found === undefined) return false
  const { object, routeKey } = found
  const keys = places.elsewhere.get(nameOf(object)) ?? new Set<string>()
  if (keys.has(routeKey)) return renamed(placing, object, places)
  places.elsewhere.set(nameOf(object), keys.add(routeKey))
  return true
}

/**
 * The base route of a disturbance, by its VirtualService and key; undefined where the VirtualService is a
 * delegate, which has no gateways of its own.
 */
function overtakingBase(
  { routes, reading }: CohortPlacing,
  after: ClusterView,
  base: RouteRef,
): { readonly object: VirtualService; readonly routeKey: string } | undefined {
  const object = routes.find(route => nameOf(route) === `${base.object.namespace}/${base.object.name}`)
  const now = after.get({ ...base.object, kind: 'VirtualService' })
  const written = writtenRoute(after, base)
  if (object === undefined || listOf(object.spec.hosts).length === 0) return undefined
  if (now === undefined || written === undefined) return undefined
  const bases = listOf(now.spec.http).filter(baseRouteTest(now, reading.service))
  const routeKey = routeKeys(bases).get(written)
  return routeKey === undefined ? undefined : { object, routeKey }
}

/** Gives the VirtualService beside a new name, once. */
function renamed({ reading }: CohortPlacing, object: VirtualService, places: Displaced): boolean {
  const canRename = besideOf(reading.view, object) !== undefined && !places.renamed.has(nameOf(object))
  if (canRename) places.renamed.add(nameOf(object))
  return canRename
}

/** The VirtualService of ours that carries the copies of another one's base routes. */
const besideOf = (view: ClusterView, object: VirtualService): VirtualService | undefined =>
  view.list('VirtualService').find(other => createdFor(other) === nameOf(object))

function placedWith(placing: CohortPlacing, places: Displaced): Placed {
  const { reading, routes, cohortFor, stable, first } = placing
  const { view, service } = reading
  const changes = routes.flatMap((before): readonly Change[] => {
    const cohort = cohortFor(before)
    const keys: Elsewhere = places.elsewhere.get(nameOf(before)) ?? new Set()
    const after = startCohort(before, { cohort, stable, elsewhere: keys })
    return [{ before, after }, ...besideChanges(view, { object: after, cohort, keys, places })]
  })
  const later = inSession(overlay(view, merged([...first, ...changes])))
  const { name, when } = cohortFor(routes[0]!)
  const gateways = gatewaysOf(reading)
  const [before, after] = [withoutCohort(view, service, name), later].map(side =>
    withAssumedGateways(side, gateways),
  ) as [ClusterView, ClusterView]
  const keys = [before, after].flatMap(side => tableKeysOf(readService(side, service, reading)))
  const [disturbance] = disturbancesOf({ service, name, when, before, after }, distinct(keys))
  return { changes, disturbance, after: later }
}

interface BesideQuestion {
  readonly object: VirtualService
  readonly cohort: Cohort
  readonly keys: Elsewhere
  readonly places: Displaced
}

/**
 * The changes of the VirtualService beside one that is edited: none where there is none and none is needed.
 */
function besideChanges(
  view: ClusterView,
  { object, cohort, keys, places }: BesideQuestion,
): readonly Change[] {
  const made = besideOf(view, object)
  if (made === undefined && keys.size === 0) return []
  if (made !== undefined && places.renamed.has(nameOf(object))) {
    const name = nameBeside(view, object)
    const { uid: _u, resourceVersion: _r, creationTimestamp: _c, generation: _g, ...metadata } = made.metadata
    const after = cohortBeside(
      { object, name, made: { ...made, metadata: { ...metadata, name } } },
      cohort,
      keys,
    )
    return [...(after === undefined ? [] : [{ after }]), { before: made, after: undefined }]
  }
  const name = made?.metadata.name ?? nameBeside(view, object)
  const after = cohortBeside({ object, name, made }, cohort, keys)
  return after === undefined && made === undefined ? [] : [{ before: made, after }]
}

/**
 * The view as it is without a cohort of the service: what its routes are held against, also where it is set
 * again.
 */
function withoutCohort(view: ClusterView, service: RoutedService, name: string): ClusterView {
  const isThis = (cohort: CohortRecord): boolean => cohort.name === name
  const carrying = view.list('VirtualService').filter(object => cohortsIn(object, service).some(isThis))
  if (carrying.length === 0) return view
  const changes = carrying.map(before => ({
    before,
    after:
      createdFor(before) === undefined
        ? removeCohort(before, service, name)
        : endCohortsBeside(before, service, isThis),
  }))
  return inSession(overlay(view, changes))
}

const distinct = (keys: readonly TableKey[]): readonly TableKey[] => [
  ...new Map(keys.map(key => [JSON.stringify(key), key])).values(),
]

/**
 * A free name that Istio sorts behind those of all VirtualServices that share a gateway with this one, should
 * they be of one age.
 */
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

/**
 * What the roots that delegate to a VirtualService demand of each block of its routes, as Istio merges them
 * only then (hasConflict): each set that differs.
 */
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
