import type { HttpRoute, VirtualService } from '../../../../objects/virtual-service.ts'
import { entranceOf, type Condition } from '../../../../routing/condition.ts'
import type { Ref } from '../../../../objects/kube-object.ts'
import { anything } from '../../../../routing/match.ts'
import { canBothHold, narrow } from '../../../../routing/narrow.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { overlay } from '../../../../view/overlay.ts'
import { readService, type IstioReading } from '../../read/reading.ts'
import { routeKeys } from '../../read/record/route-keys.ts'
import { entriesOf, nameOf } from '../../read/routes/carriers.ts'
import { listOf } from '../../read/routed-service.ts'
import { routingOf } from '../../resolve/objects/routes.ts'
import { hiddenIn } from '../../resolve/objects/shadowed.ts'
import { gatewaysOf, tableKeysOf, withAssumedGateways } from '../../route/service-tables.ts'
import { routeTable, type TableKey } from '../../route/table.ts'
import { endCohort } from '../canary.ts'
import type { Cohort } from '../cohort-route.ts'
import { baseRouteTest } from '../cohort.ts'
import type { ChosenRoutes } from '../split.ts'
import { callerFree, isMeantBy, mayBeOf } from '../../read/routes/cohort-table.ts'

/** A cohort that is to be set on the VirtualServices of a service. */
export interface CohortCallers {
  readonly reading: IstioReading
  readonly routes: readonly VirtualService[]
  readonly cohortFor: (object: VirtualService) => Cohort
}

/** Where requests of a cohort's callers come by a route, and where they come by any of its VirtualService. */
interface Reached {
  readonly routes: ReadonlySet<string>
  readonly objects: ReadonlySet<string>
  /** By which requests come to them. */
  readonly owners: ReadonlySet<string>
}

/**
 * The base routes, by their keys, that no request of a cohort reaches, at gateways or anywhere: an earlier
 * route takes everything, the callers have not the
 * labels, or the route (under its root's conditions, where it is a delegate's) asks for what such requests do
 * not have. Nothing is known of a VirtualService that is in no table of routes: none of its routes counts as
 * such.
 */
export function unreachedBases({
  reading,
  routes,
  cohortFor,
}: CohortCallers): ReadonlyMap<VirtualService, Cohort['unreached']> {
  const { view, service } = reading
  const { name, when } = cohortFor(routes[0]!)
  const without = routes.map(before => ({ before, after: endCohort(before, service, name) }))
  const changes = without.filter(({ before, after }) => before !== after)
  // The session is kept where nothing differs, so that what is derived in it is derived once.
  const bare = withAssumedGateways(changes.length === 0 ? view : overlay(view, changes), gatewaysOf(reading))
  const keys = tableKeysOf(readService(bare, service, reading)).map(key => withLabels(key, when))
  // Callers at gateways have no labels, and Istio does not ask for those of callers in a block that names the
  // mesh.
  const only = entranceOf(when)
  const isAtGateway = ({ caller }: TableKey): boolean => caller.kind === 'gateway'
  const gateways = reachedIn(bare, keys.filter(isAtGateway), when)
  const isKnown = ({ objects, owners }: Reached, object: VirtualService): boolean =>
    objects.has(nameOf(object)) || entriesOf(bare, object).every(entry => owners.has(nameOf(entry)))
  const mesh = reachedIn(
    bare,
    keys.filter(key => !isAtGateway(key)),
    when,
  )
  return new Map(
    without.map(({ before, after }) => {
      const isBase = baseRouteTest(after, service)
      const entrances = entrancesOf(bare, after)
      return [
        before,
        unreachedOf(after, isBase, route => {
          const isDead = (there: Reached): boolean => isKnown(there, after) && !there.routes.has(route)
          const isLost = !entrances.gateways || isDead(gateways)
          if (isLost && (only === 'gateways' || !entrances.mesh || isDead(mesh))) return 'all'
          return entrances.gateways && isLost && only !== 'mesh' ? 'gateways' : undefined
        }),
      ]
    }),
  )
}

/**
 * Whether requests come to a VirtualService, or by those that delegate to it, in the mesh and at gateways.
 */
function entrancesOf(
  view: ClusterView,
  object: VirtualService,
): { readonly mesh: boolean; readonly gateways: boolean } {
  const names = entriesOf(view, object).flatMap(root => routingOf(root).gateways)
  return { mesh: names.includes('mesh'), gateways: names.some(name => name !== 'mesh') }
}

function reachedIn(view: ClusterView, keys: readonly TableKey[], when: readonly Condition[]): Reached {
  const [routes, objects, owners] = [new Set<string>(), new Set<string>(), new Set<string>()]
  const ofCohort = narrow(anything, callerFree(when))
  for (const key of keys) {
    const all = routeTable(view, key).routes
    for (const { ref } of all) objects.add(nameIn(ref.object))
    for (const { ref } of all) owners.add(nameIn(ref.owner))
    if (!mayBeOf(when, key)) continue
    const hidden = hiddenIn(all.map(({ match }) => match))
    all.forEach(({ ref, match }, i) => {
      if (!hidden[i] && canBothHold(match, ofCohort)) routes.add(`${nameIn(ref.object)} ${ref.place[2]}`)
    })
  }
  return { routes, objects, owners }
}

function unreachedOf(
  object: VirtualService,
  isBase: (route: HttpRoute) => boolean,
  unreached: (route: string) => 'gateways' | 'all' | undefined,
): Cohort['unreached'] {
  const routes = listOf(object.spec.http)
  const keys = routeKeys(routes.filter(isBase))
  return new Map(
    routes.flatMap((route, i) => {
      const [key, where] = [keys.get(route), unreached(`${nameOf(object)} ${i}`)]
      return key === undefined || where === undefined ? [] : [[key, where] as const]
    }),
  )
}

/** The table of those callers in the mesh who have the labels that the conditions ask for. */
export const withLabels = (key: TableKey, when: readonly Condition[]): TableKey =>
  key.caller.kind === 'gateway'
    ? key
    : {
        ...key,
        caller: {
          ...key.caller,
          labels: {
            ...key.caller.labels,
            ...Object.fromEntries(
              when.flatMap(one => (one.on === 'source-label' ? [[one.name, one.value]] : [])),
            ),
          },
        },
      }

const nameIn = ({ namespace, name }: Ref): string => `${namespace}/${name}`

/** The keys of base routes that are left out of the canary, or keep nobody at a version: they need no copy. */
export function leftOut(
  { reading, cohortFor }: CohortCallers,
  object: VirtualService,
  chosen: ChosenRoutes | undefined,
): readonly [string, 'all'][] {
  const cohort = cohortFor(object)
  if (chosen === undefined && cohort.sticky !== true) return []
  const bases = listOf(object.spec.http).filter(baseRouteTest(object, reading.service))
  return [...routeKeys(bases)].flatMap(([route, key]) =>
    chosen?.isOn('http', route) !== false && isMeantBy(cohort, route) ? [] : [[key, 'all']],
  )
}
