import { CanaryError } from '../../../objects/canary-error.ts'
import type { ServiceRoute } from '../../../objects/gateway-api.ts'
import {
  refuseOwned,
  type EditPurpose,
  type ServiceEdit,
  type ServiceReading,
} from '../../../routing/provider.ts'
import { cohortsIn } from '../../../routing/record/record.ts'
import { idOf } from '../../../routing/service.ts'
import type { Wanted } from '../../../routing/wanted.ts'
import { overlay } from '../../../view/overlay.ts'
import { isMarked } from '../read/canary-state.ts'
import { ownedObject } from '../read/owners.ts'
import { readService, type RouteReading } from '../read/reading.ts'
import { mayTake } from '../read/rules/reached.ts'
import { allRoutes } from '../read/rules/route-lists.ts'
import { versionOfHost } from '../read/services/versions.ts'
import { abilities } from '../abilities.ts'
import { requireRoom } from './limits.ts'
import { endMirrors } from './end-mirrors.ts'
import { mirrorNotes, mirrorsFor, setMirrors } from './mirrors.ts'
import { requireUndisturbed } from './cohorts/place.ts'
import {
  basesIn,
  draftOf,
  finished,
  withoutRules,
  withRestore,
  withRulesByKey,
  type RouteDraft,
} from './route-draft.ts'
import { scopeOf, type RuleScope } from './scope.ts'
import { setCohortRules } from './cohorts/set-cohort.ts'
import { settleStable } from './settle-stable.ts'
import { setSplit, unchangedNotes } from './split.ts'
import { ensureServices, type VersionServices } from '../../../workloads/ensure-services.ts'

/** What one edit comes to at each route. */
interface EditTask {
  readonly reading: RouteReading
  readonly wanted: Wanted
  readonly scope: RuleScope | undefined
  readonly services: VersionServices
}

/**
 * Brings the routes of a service to the desired state: the split, cohorts that end, the cohort or mirrors set. Throws
 * a CanaryError `refused` where that cannot be.
 */
export function editService(given: ServiceReading, wanted: Wanted, purpose: EditPurpose): ServiceEdit {
  const present = readService(given.view, given.service, given)
  if (wanted.sticky !== undefined) throw stickyRefusal
  const isRemoval = wanted.split === undefined && wanted.mirrors === undefined && wanted.renewed === undefined
  const isEnd = wanted.mirrors !== undefined && wanted.stable === undefined
  const services = ensureServices(present, versionsNeeded(wanted))
  const reading = withServices(present, services)
  const scope = isRemoval || isEnd ? undefined : scopeOf(reading, purpose)
  const task: EditTask = { reading, wanted, scope, services }
  const notes = mirrorNotes(scope?.rules ?? [], hostMirrors(task))
  const changes = routesOf(task).map(before => {
    const owned = ownedObject(reading.view, before, reading.service)
    if (owned !== undefined) refuseOwned(owned)
    const after = edited(task, before)
    requireRoom(before, after)
    return { before, after }
  })
  const all = [...services.changes, ...changes]
  const later = overlay(given.view, all)
  if (wanted.renewed !== undefined) requireUndisturbed(reading, later, { wanted, changes })
  const split = wanted.split
  return {
    changes: all,
    notes: split === undefined || scope === undefined ? notes : unchangedNotes(reading, scope.rules, split),
    laterView: later,
  }
}

/** The service with the Services that are made for its versions. */
const withServices = (reading: RouteReading, { changes }: VersionServices): RouteReading =>
  changes.length === 0 ? reading : readService(overlay(reading.view, changes), bare(reading.service), reading)

/** A service without what is known of its versions. */
const bare = ({ name, namespace, clusterDomain }: RouteReading['service']): RouteReading['service'] => ({
  name,
  namespace,
  clusterDomain,
})

const stickyRefusal = new CanaryError('refused', abilities.sticky, {
  hints: [
    'Leave out --sticky; or send a cohort by a cookie or header of its own: kubectl canary cohort NAME --cookie NAME=VALUE --to VERSION',
  ],
})

/** The versions to which an edit writes. */
function versionsNeeded({ split, cohorts, renewed, mirrors = [], stable }: Wanted): readonly string[] {
  const cohort = cohorts.find(({ name }) => name === renewed)
  return [
    ...(split?.shares.filter(({ percent }) => percent > 0).map(({ version }) => version) ?? []),
    ...(cohort === undefined ? [] : [cohort.to, ...(stable === undefined ? [] : [stable])]),
    ...mirrors.map(({ to }) => to),
  ]
}

/** The routes that an edit concerns: those in its scope, and those on which something that ends is recorded. */
function routesOf({ reading: { view, service }, scope, wanted }: EditTask): readonly ServiceRoute[] {
  const stays = new Set(wanted.cohorts.map(({ name }) => name))
  const ending = allRoutes(view).filter(
    route =>
      cohortsIn(route, service).some(({ name }) => !stays.has(name))
      || (wanted.mirrors !== undefined && scope === undefined && isMarked(route, service)),
  )
  return [...new Set([...(scope?.rules.map(({ route }) => route) ?? []), ...ending])]
}

/** One route in the desired state. */
function edited(task: EditTask, before: ServiceRoute): ServiceRoute {
  const steps = [endCohorts, applySplit, applyCohort, applyMirrors, chooseRules, settleStable]
  return finished(steps.reduce((draft, step) => step(task, draft), draftOf(before)))
}

/** Cohorts that are not wanted any more, taken away with their rules. */
function endCohorts({ reading: { service }, wanted }: EditTask, draft: RouteDraft): RouteDraft {
  const stays = new Set(wanted.cohorts.map(({ name }) => name))
  const isOver = (cohort: RouteDraft['record']['cohorts'][number]): boolean =>
    cohort.service === idOf(service) && !stays.has(cohort.name)
  const over = draft.record.cohorts.filter(isOver)
  if (over.length === 0) return draft
  const { route, record } = withoutRules(draft, new Set(over.flatMap(({ routes }) => routes)))
  return { route, record: { ...record, cohorts: record.cohorts.filter(cohort => !isOver(cohort)) } }
}

/** The rules of a draft that are in the scope of the edit. */
function scoped({ reading, scope }: EditTask, draft: RouteDraft) {
  const keys = new Set(scope?.rules.filter(({ route }) => isOne(route, draft.route)).map(({ key }) => key))
  return basesIn(reading.view, draft, reading.service).filter(({ key }) => keys.has(key))
}

const isOne = (one: ServiceRoute, other: ServiceRoute): boolean =>
  one.kind === other.kind
  && one.metadata.namespace === other.metadata.namespace
  && one.metadata.name === other.metadata.name

function applySplit(task: EditTask, draft: RouteDraft): RouteDraft {
  const { reading, wanted, services } = task
  const { split, stable, unmirrored = [] } = wanted
  if (split === undefined) return draft
  const bases = scoped(task, draft)
  const set = setSplit(reading, draft, { bases, split, services, endsCanary: stable === undefined })
  if (unmirrored.length === 0) return set
  const isOver = (host: string): boolean =>
    unmirrored.includes(versionOfHost(reading.versions, host)?.name ?? '')
  return endMirrors(reading, set, isOver)
}

function applyCohort(task: EditTask, draft: RouteDraft): RouteDraft {
  const { reading, wanted, services } = task
  const cohort = wanted.cohorts.find(({ name }) => name === wanted.renewed)
  if (cohort === undefined || wanted.stable === undefined) return draft
  const { before, stable } = wanted
  const asked = { cohort, stable, before, services, reached: reachedKeys(task, draft) }
  return setCohortRules(reading, draft, { bases: scoped(task, draft), ...asked })
}

/** The keys of the rules of a route that take requests, as far as the view tells. */
const reachedKeys = ({ reading, scope }: EditTask, { route }: RouteDraft): ReadonlySet<string> =>
  new Set(
    scope?.rules
      .filter(rule => isOne(rule.route, route) && mayTake(reading.view, rule, reading))
      .map(({ key }) => key),
  )

/** The mirrors that are wanted, by the hosts of their versions. */
const hostMirrors = ({ wanted: { mirrors = [] }, services }: EditTask) =>
  mirrors.map(({ to, percent }) => ({ to, host: services.hostFor(to), percent }))

function applyMirrors(task: EditTask, draft: RouteDraft): RouteDraft {
  const { reading, wanted, scope } = task
  const { view, service } = reading
  if (wanted.mirrors === undefined) return draft
  const mirrors = hostMirrors(task)
  const bases = scope === undefined ? basesIn(view, draft, service) : scoped(task, draft)
  const set = bases.map(base => ({
    base,
    ...setMirrors(view, { ...base, route: finished(draft) }, { service, mirrors: mirrorsFor(base, mirrors) }),
  }))
  const ours = Object.fromEntries(
    set.filter(each => each.ours.length > 0).map(({ base, ours: hosts }) => [base.key, hosts] as const),
  )
  const next = withRulesByKey(draft, new Map(set.map(({ base, rule }) => [base.key, rule] as const)))
  return withRestore(next, { mirrors: { ...draft.record.restore?.mirrors, [idOf(service)]: ours } })
}

/** The rules that a person chose, written down when the canary begins. */
function chooseRules(task: EditTask, draft: RouteDraft): RouteDraft {
  const { scope, reading, wanted } = task
  if (scope?.isChosen !== true || wanted.stable === undefined) return draft
  const only = {
    ...draft.record.restore?.only,
    [idOf(reading.service)]: scoped(task, draft).map(({ key }) => key),
  }
  return withRestore(draft, { only })
}
