import { CanaryError } from '../../../../objects/canary-error.ts'
import { refOf } from '../../../../objects/kinds.ts'
import { formatPath } from '../../../../objects/paths.ts'
import type { HttpRoute, VirtualService } from '../../../../objects/virtual-service.ts'
import type { EditPurpose, ServiceEdit } from '../../../../routing/provider.ts'
import type { Note } from '../../../../routing/note.ts'
import { entranceOf } from '../../../../routing/condition.ts'
import type { WantedCohort } from '../../../../routing/wanted.ts'
import type { Change } from '../../../../view/change.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { onlyPortOf, type IstioReading } from '../../read/reading.ts'
import { cohortsIn } from '../../../../routing/record/record.ts'
import { listOf } from '../../read/routed-service.ts'
import { entriesOf, nameOf } from '../../read/routes/carriers.ts'
import type { IstioVersion } from '../../read/versions.ts'
import { describeBlocks } from '../../resolve/objects/match.ts'
import { writtenRoute } from '../../read/routes/cohort-table.ts'
import type { Cohort } from '../cohort-route.ts'
import type { Disturbance } from '../placing/effect.ts'
import { delegatedTo, demandsOn } from '../placing/delegating.ts'
import { placeCohort } from '../placing/place-cohort.ts'
import { isForGateways, isForMesh } from './editable.ts'
import { ensureSubsets } from './ensure-subsets.ts'
import { connectionNotes, scopeOf } from './scope.ts'
import { tokenNotes } from './tokens.ts'

/** A cohort that is to be set, its version, and the version of everyone else. */
export interface CohortToSet {
  readonly cohort: WantedCohort & Pick<Cohort, 'sticky' | 'before'>
  readonly to: IstioVersion
  readonly stable: IstioVersion
}

/**
 * Sets a cohort at every http route to the service. Throws a CanaryError `refused` where it would take other
 * requests than its own, or none.
 */
export function setCohort(
  reading: IstioReading,
  { cohort, to, stable }: CohortToSet,
  purpose: EditPurpose,
): ServiceEdit {
  const { view, service } = reading
  const scope = scopeOf(reading, { ...purpose, needs: 'cohorts' })
  const { objects: routes, chosenAt } = scope
  const subsets = ensureSubsets(reading, [stable, to])
  const rest = { version: stable.name, ...subsets.targetFor(stable) }
  const cohortFor = (object: VirtualService) => ({
    ...cohort,
    service,
    to: { version: to.name, ...subsets.targetFor(to) },
    rest: cohort.share === undefined ? undefined : { ...rest, percent: 100 - cohort.share },
    demands: demandsOn(view, object),
    delegated: delegatedTo(view, object),
    onlyPort: onlyPortOf(reading),
  })
  const { changes, disturbance, after } = placeCohort({
    reading,
    routes,
    cohortFor,
    stable: rest,
    first: subsets.changes,
    chosenAt,
  })
  if (disturbance !== undefined) throw disturbed(after, cohort, disturbance)
  const isIn = ({ after: object }: Change): boolean =>
    object !== undefined && cohortsIn(object, service).some(({ name }) => name === cohort.name)
  const notes = outOfReach(view, routes, cohort)
  if (!changes.some(isIn) || notes.length === routes.length) throw withoutCallers(view, routes, cohort)
  return {
    changes: [...subsets.changes, ...changes],
    notes: [...subsets.notes, ...notes, ...connectionNotes(scope, 'cohort'), ...tokenNotes(reading, cohort)],
    laterView: after,
  }
}

/** What the mesh would do with the cohort that nobody asked for. */
function disturbed(
  view: ClusterView,
  cohort: CohortToSet['cohort'],
  { is, base, overtaken }: Disturbance,
): CanaryError {
  const [its, other] = [base, overtaken].map(route =>
    route === undefined
      ? ''
      : `VirtualService ${route.object.namespace}/${route.object.name} ${formatPath(route.place)}`,
  )
  const of = (route: Disturbance['base']): string =>
    whatOf(route === undefined ? undefined : writtenRoute(view, route))
  const sentences: Readonly<Record<Disturbance['is'], string>> = {
    overtakes: `its route for ${its} would take requests from ${other}${of(overtaken)}`,
    'no-effect': `Istio would drop its route for ${its}`,
    'takes-others': `its route in ${objectOf(base)}${of(base)} would take requests of callers who are not in it`,
    'changes-others': 'it would change the order of other routes',
  }
  const byHand = other === '' ? `the routes of ${objectOf(base)}` : other
  const { name, to, sticky } = cohort
  if (sticky === true)
    return new CanaryError(
      'refused',
      `the route that keeps users at ${to} by a cookie cannot be placed: ${sentences[is]}`,
      { hints: [`Nothing was changed. Leave out --sticky, or change ${byHand} by hand.`] },
    )
  return new CanaryError('refused', `cohort ${name} cannot be placed: ${sentences[is]}`, {
    hints: [
      `Nothing was changed. Choose other conditions with --header, --cookie, --query, --claim or --source-label, or change ${byHand} by hand.`,
    ],
  })
}

/** What a route takes, in parentheses; empty where that is everything. */
function whatOf(route: HttpRoute | undefined): string {
  const what = describeBlocks(listOf(route?.match))
  return what === '' ? '' : ` (${what})`
}

const objectOf = (route: Disturbance['base']): string =>
  route === undefined ? 'the VirtualService' : `VirtualService ${route.object.namespace}/${route.object.name}`

/** The flags of conditions beside those that hold everywhere, where those for one entrance cannot be used. */
const left = {
  both: ', --claim or --source-label',
  mesh: ' or --claim',
  gateways: ' or --source-label',
}

/** No request of the cohort reaches a route of the service. */
function withoutCallers(
  view: ClusterView,
  routes: readonly VirtualService[],
  { name, when }: WantedCohort,
): CanaryError {
  const names = routes.map(nameOf).join(', ')
  const only = entranceOf(when)
  const isForNone = (isFor: (root: VirtualService) => boolean): boolean =>
    !routes.some(route => entriesOf(view, route).some(isFor))
  const reason =
    only === 'mesh' && isForNone(isForMesh)
      ? `VirtualService ${names} is for gateways only, where callers have no labels`
      : only === 'gateways' && isForNone(isForGateways)
        ? `VirtualService ${names} is for callers in the mesh only, where tokens are not read`
        : `no request with its conditions reaches a route of VirtualService ${names} to the Service`
  return new CanaryError('refused', `cohort ${name} would get no requests: ${reason}`, {
    hints: [`Choose other conditions with --header, --cookie, --query${left[only ?? 'both']}.`],
  })
}

/**
 * Istio knows the labels of callers inside the mesh only: at a gateway the caller is the gateway. Tokens are read at gateways only.
 */
function outOfReach(
  view: ClusterView,
  routes: readonly VirtualService[],
  { name, when }: WantedCohort,
): readonly Note[] {
  const only = entranceOf(when)
  if (only === undefined) return []
  const isReached = only === 'mesh' ? isForMesh : isForGateways
  const kind = only === 'mesh' ? 'no-labels-at-gateways' : 'no-claims-in-mesh'
  return routes
    .filter(route => entriesOf(view, route).length > 0 && !entriesOf(view, route).some(isReached))
    .map(route => ({ kind, object: refOf(route), cohort: name }) as const)
}
