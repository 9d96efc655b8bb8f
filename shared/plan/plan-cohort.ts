import { CanaryError } from '../objects/canary-error.ts'
import { defaultCondition } from '../routing/condition.ts'
import { cohortsOf } from '../providers/istio/edit/canary.ts'
import { writtenRoute } from '../providers/istio/edit/placing/cohort-table.ts'
import type { Disturbance } from '../providers/istio/edit/placing/effect.ts'
import { demandsOn, placeCohort } from '../providers/istio/edit/placing/place-cohort.ts'
import { formatPath } from '../objects/paths.ts'
import { cohortsIn, type CohortRecord } from '../providers/istio/read/record/record.ts'
import { describeBlocks } from '../providers/istio/resolve/objects/match.ts'
import { entriesOf, nameOf } from '../providers/istio/read/routes/carriers.ts'
import { onlyPortOf, readService } from '../providers/istio/read/reading.ts'
import { baseRouteTest } from '../providers/istio/edit/cohort.ts'
import { listOf, type RoutedService } from '../providers/istio/read/routed-service.ts'
import type { VirtualService } from '../objects/virtual-service.ts'
import type { Change } from '../view/change.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { inSession } from '../view/session.ts'
import { finish } from './finish.ts'
import type { CohortIntent } from './intent.ts'
import type { Plan } from './plan.ts'
import { editableRoutes, isForMesh, refuseOwnedRoutes } from './target/routes.ts'
import { completenessOf, findService } from './target/services.ts'
import { stableVersion } from './target/stable.ts'
import { ensureSubsets } from './target/subsets.ts'
import { resolveVersion } from './target/versions.ts'

/**
 * A named group of requests goes to one version, at every route to the service; the rest stays where it is.
 * Throws a CanaryError where that cannot be.
 */
export function planCohort(given: ClusterView, intent: CohortIntent): Plan {
  const { target, name } = intent
  const view = inSession(given)
  const service = findService(view, target, { version: intent.to, routed: true })
  refuseOwnedRoutes(view, service)
  const reading = readService(view, service, completenessOf(target))
  const to = resolveVersion(reading.versions, intent.to, service)
  const init = `kubectl canary init --service ${service.name} --stable VERSION -n ${service.namespace}`
  const routes = httpRoutes(editableRoutes(reading, init), service)
  const stable = stableVersion({ reading, routes, said: intent.stable, canaries: [to], target })
  const subsets = ensureSubsets(reading, [stable, to])
  // What is not given again stays: conditions as a whole, the end, the reason.
  const earlier = routes.flatMap(route => cohortsOf(route, service)).find(cohort => cohort.name === name)
  const when = intent.conditions.length > 0 ? intent.conditions : (earlier?.when ?? [defaultCondition(name)])
  const reason = intent.reason ?? earlier?.reason
  const cohortFor = (object: VirtualService) => {
    const until = untilOf(object, service, intent) ?? earlier?.until
    return {
      name,
      service,
      to: { version: to.name, subset: subsets.nameOf(to) },
      when,
      since: intent.since,
      demands: demandsOn(view, object),
      onlyPort: onlyPortOf(reading),
      ...(until && { until }),
      ...(reason && { reason }),
    }
  }
  const { changes, disturbance, after } = placeCohort({
    reading,
    routes,
    cohortFor,
    stable: { version: stable.name, subset: subsets.nameOf(stable) },
    first: subsets.changes,
  })
  if (disturbance !== undefined) throw disturbed(after, intent, disturbance)
  const isIn = ({ after: object }: Change): boolean =>
    object !== undefined && cohortsIn(object as VirtualService, service).some(cohort => cohort.name === name)
  const notes = outOfReach(view, routes, { name, when })
  if (!changes.some(isIn) || notes.length === routes.length)
    throw withoutCallers(view, routes, { name, when })
  return finish(reading, {
    title: `cohort ${name} → ${to.name}`,
    receivers: { ...intent, versions: [to] },
    notes,
    changes: [...subsets.changes, ...changes],
    laterView: after,
  })
}

/** What the mesh would do with the cohort that nobody asked for. */
function disturbed(
  view: ClusterView,
  { name }: CohortIntent,
  { is, base, overtaken }: Disturbance,
): CanaryError {
  const [its, other] = [base, overtaken].map(route =>
    route === undefined
      ? ''
      : `VirtualService ${route.object.namespace}/${route.object.name} ${formatPath(route.place)}`,
  )
  const takes = overtaken === undefined ? undefined : writtenRoute(view, overtaken)
  const what = takes === undefined ? '' : describeBlocks(listOf(takes.match))
  const sentences: Readonly<Record<Disturbance['is'], string>> = {
    overtakes: `its route for ${its} would take requests from ${other}${what === '' ? '' : ` (${what})`}`,
    'no-effect': `Istio would drop its route for ${its}`,
    'takes-others': 'it would take requests of callers who are not in it',
    'changes-others': 'it would change the order of other routes',
  }
  return new CanaryError('refused', `cohort ${name} cannot be placed: ${sentences[is]}`, {
    hints: [
      'Nothing was changed. Choose other conditions with --header, --cookie, --query or --source-label, or change that route by hand.',
    ],
  })
}

/** No request of the cohort reaches a route of the service. */
function withoutCallers(
  view: ClusterView,
  routes: readonly VirtualService[],
  { name, when }: Pick<CohortRecord, 'name' | 'when'>,
): CanaryError {
  const names = routes.map(nameOf).join(', ')
  const isForGateways = !routes.some(route => entriesOf(view, route).some(isForMesh))
  const reason =
    isForGateways && when.some(({ on }) => on === 'source-label')
      ? `VirtualService ${names} is for gateways only, where callers have no labels`
      : `none with its conditions reaches a route of VirtualService ${names} to the Service`
  return new CanaryError('refused', `cohort ${name} would get no requests: ${reason}`, {
    hints: ['Choose other conditions with --header, --cookie, --query or --source-label.'],
  })
}

/** Istio knows the labels of callers inside the mesh only: at a gateway the caller is the gateway. */
function outOfReach(
  view: ClusterView,
  routes: readonly VirtualService[],
  { name, when }: Pick<CohortRecord, 'name' | 'when'>,
): readonly string[] {
  if (!when.some(({ on }) => on === 'source-label')) return []
  const atGateways = routes.filter(
    route => entriesOf(view, route).length > 0 && !entriesOf(view, route).some(isForMesh),
  )
  return atGateways.map(
    route =>
      `VirtualService ${nameOf(route)} is for gateways only, where callers have no labels: cohort ${name} gets no requests there.`,
  )
}

/** Only http routes can tell requests apart. */
function httpRoutes(routes: readonly VirtualService[], service: RoutedService): readonly VirtualService[] {
  const http = routes.filter(route => listOf(route.spec.http).some(baseRouteTest(route, service)))
  if (http.length > 0) return http
  throw new CanaryError(
    'refused',
    `${service.name} is routed by tcp or tls only (VirtualService ${routes.map(nameOf).join(', ')}), where requests cannot be told apart`,
    {
      hints: [`Split it by weight instead: kubectl canary weight VERSION=PERCENT --service ${service.name}`],
    },
  )
}

/**
 * The end to record. One within a minute of the recorded end is the same: it was given again as a span from
 * now.
 */
function untilOf(
  route: VirtualService,
  service: RoutedService,
  { name, until }: CohortIntent,
): string | undefined {
  const recorded = cohortsOf(route, service).find(cohort => cohort.name === name)?.until
  if (until === undefined || recorded === undefined) return until
  return Math.abs(Date.parse(recorded) - Date.parse(until)) <= 60_000 ? recorded : until
}
