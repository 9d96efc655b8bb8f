import { CanaryError } from '../../../objects/canary-error.ts'
import type { ApisixRoute } from '../../../objects/apisix/apisix-route.ts'
import {
  refuseOwned,
  type EditPurpose,
  type ServiceEdit,
  type ServiceReading,
} from '../../../routing/provider.ts'
import { cohortsIn } from '../../../routing/record/record.ts'
import { idOf } from '../../../routing/service.ts'
import type { Wanted } from '../../../routing/wanted.ts'
import type { Change } from '../../../view/change.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { overlay } from '../../../view/overlay.ts'
import { ensureServices, type VersionServices } from '../../../workloads/ensure-services.ts'
import { abilities } from '../abilities.ts'
import { ownerOf } from '../read/owners.ts'
import { readService, type ApisixReading } from '../read/reading.ts'
import { allRoutes } from '../resolve/indexes.ts'
import { nameOf } from '../resolve/rules.ts'
import { reachedRules } from '../resolve/table.ts'
import { levelled } from './levels.ts'
import { disturbance, requireUndisturbed } from './place.ts'
import { basesIn, draftOf, finished, withoutRules, withRestore, type ApisixDraft } from './route-draft.ts'
import { scopeOf, type ApisixScope } from './scope.ts'
import { setCohortRules } from './set-cohort.ts'
import { settleStable } from './settle-stable.ts'
import { setSplit, unchangedNotes } from './split.ts'

/** What one edit comes to at each route. */
interface ApisixTask {
  readonly reading: ApisixReading
  readonly wanted: Wanted
  readonly scope: ApisixScope | undefined
  readonly services: VersionServices
}

/**
 * Brings the routes of a service to the desired state: the split, cohorts that end, the cohort set. Throws a
 * CanaryError `refused` where that cannot be.
 */
export function editService(given: ServiceReading, wanted: Wanted, purpose: EditPurpose): ServiceEdit {
  const present = readService(given.view, given.service, given)
  requireAble(wanted)
  const services = ensureServices(present, versionsNeeded(wanted))
  const reading = withServices(present, services)
  const isRemoval = wanted.split === undefined && wanted.renewed === undefined
  const scope = isRemoval ? undefined : scopeOf(reading, purpose)
  const task: ApisixTask = { reading, wanted, scope, services }
  const routes = routesOf(task)
  for (const object of routes) {
    const owner = ownerOf(reading.view, object, reading.service)
    if (owner !== undefined) refuseOwned({ object, owner })
  }
  const { changes, later } = editOfRoutes(task, given.view, routes)
  const split = wanted.split
  return {
    changes,
    notes: split === undefined || scope === undefined ? [] : unchangedNotes(reading, scope.rules, split),
    laterView: later,
  }
}

interface EditOfRoutes {
  readonly changes: readonly Change[]
  readonly later: ClusterView
}

/**
 * The routes in the desired state. The cohorts that stay after another one ended get back the priorities that they would
 * have without it, unless somebody has put a rule there meanwhile.
 */
function editOfRoutes(task: ApisixTask, view: ClusterView, routes: readonly ApisixRoute[]): EditOfRoutes {
  const { reading, wanted, services } = task
  const attempt = (isLevelled: boolean): EditOfRoutes => {
    const edits = routes.map(before => ({ before, after: edited(task, before, isLevelled) }))
    const changes = [...services.changes, ...edits]
    return { changes, later: overlay(view, changes) }
  }
  const found = attempt(true)
  const changes = found.changes.slice(services.changes.length)
  if (wanted.renewed !== undefined)
    requireUndisturbed(reading, found.later, { cohort: wanted.renewed, changes })
  else if (disturbance(reading, found.later, { cohort: undefined, changes }) !== undefined)
    return attempt(false)
  return found
}

/** Throws a CanaryError `refused` for what an ApisixRoute cannot carry out. */
function requireAble({ sticky, mirrors = [] }: Wanted): void {
  if (sticky !== undefined)
    throw new CanaryError('refused', abilities.sticky, {
      hints: [
        'Leave out --sticky; or send a cohort by a cookie or header of its own: kubectl canary cohort NAME --cookie NAME=VALUE --to VERSION',
      ],
    })
  if (mirrors.length > 0)
    throw new CanaryError('refused', abilities.mirrors, {
      hints: ['Send a cohort or a small share to the version instead, with cohort or weight.'],
    })
}

/** The service with the Services that are made for its versions. */
function withServices(reading: ApisixReading, { changes }: VersionServices): ApisixReading {
  if (changes.length === 0) return reading
  const { name, namespace, clusterDomain } = reading.service
  return readService(overlay(reading.view, changes), { name, namespace, clusterDomain }, reading)
}

/** The versions to which an edit writes. */
function versionsNeeded({ split, cohorts, renewed, stable }: Wanted): readonly string[] {
  const cohort = cohorts.find(({ name }) => name === renewed)
  return [
    ...(split?.shares.filter(({ percent }) => percent > 0).map(({ version }) => version) ?? []),
    ...(cohort === undefined ? [] : [cohort.to, ...(stable === undefined ? [] : [stable])]),
  ]
}

/** The routes that an edit concerns: those in its scope, and those on which a cohort that ends is recorded. */
function routesOf({ reading: { view, service }, scope, wanted }: ApisixTask): readonly ApisixRoute[] {
  const stays = new Set(wanted.cohorts.map(({ name }) => name))
  const ending = allRoutes(view).filter(route =>
    cohortsIn(route, service).some(({ name }) => !stays.has(name)),
  )
  return [...new Set([...(scope?.rules.map(({ route }) => route) ?? []), ...ending])]
}

/** One route in the desired state. */
function edited(task: ApisixTask, before: ApisixRoute, isLevelled: boolean): ApisixRoute {
  const steps = [
    endCohorts,
    applySplit,
    applyCohort,
    ...(isLevelled ? [orderCohorts] : []),
    chooseRules,
    settleStable,
  ]
  return finished(steps.reduce((draft, step) => step(task, draft), draftOf(before)))
}

/** Cohorts that are not wanted any more, taken away with their rules. */
function endCohorts({ reading: { service }, wanted }: ApisixTask, draft: ApisixDraft): ApisixDraft {
  const stays = new Set(wanted.cohorts.map(({ name }) => name))
  const isOver = (cohort: ApisixDraft['record']['cohorts'][number]): boolean =>
    cohort.service === idOf(service) && !stays.has(cohort.name)
  const over = draft.record.cohorts.filter(isOver)
  if (over.length === 0) return draft
  const { route, record } = withoutRules(draft, new Set(over.flatMap(({ routes }) => routes)))
  return { route, record: { ...record, cohorts: record.cohorts.filter(cohort => !isOver(cohort)) } }
}

/** The names of the rules of a route that are in the scope of the edit. */
const keysIn = ({ scope }: ApisixTask, { route }: ApisixDraft): ReadonlySet<string> =>
  new Set(scope?.rules.filter(rule => nameOf(rule.route) === nameOf(route)).map(({ key }) => key))

function applySplit(task: ApisixTask, draft: ApisixDraft): ApisixDraft {
  const { reading, wanted, services } = task
  const { split, stable } = wanted
  if (split === undefined) return draft
  const keys = keysIn(task, draft)
  const bases = basesIn(reading, draft).filter(({ key }) => keys.has(key))
  return setSplit(reading, draft, { bases, split, services, endsCanary: stable === undefined })
}

function applyCohort(task: ApisixTask, draft: ApisixDraft): ApisixDraft {
  const { reading, wanted, services, scope } = task
  const cohort = wanted.cohorts.find(({ name }) => name === wanted.renewed)
  if (cohort === undefined || wanted.stable === undefined) return draft
  const { before, stable } = wanted
  const own = scope?.rules.filter(rule => nameOf(rule.route) === nameOf(draft.route)) ?? []
  const taken = own.filter(({ route, index }) => reachedRules(reading.view, route).has(index))
  const reached = new Set(taken.map(({ key }) => key))
  return setCohortRules(reading, draft, {
    keys: keysIn(task, draft),
    cohort,
    stable,
    before,
    services,
    reached,
  })
}

/** The cohorts in their order, where one of them came or went. */
const orderCohorts = ({ reading, wanted }: ApisixTask, draft: ApisixDraft): ApisixDraft => {
  const before = cohortsIn(draft.route, reading.service)
  const isOver = before.some(({ name }) => wanted.cohorts.every(cohort => cohort.name !== name))
  return wanted.renewed === undefined && !isOver ? draft : levelled(reading, draft)
}

/** The rules that a person chose, written down when the canary begins. */
function chooseRules(task: ApisixTask, draft: ApisixDraft): ApisixDraft {
  const { scope, reading, wanted } = task
  if (scope?.isChosen !== true || wanted.stable === undefined) return draft
  const only = { ...draft.record.restore?.only, [idOf(reading.service)]: [...keysIn(task, draft)] }
  return withRestore(draft, { only })
}
