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
import { overlay } from '../../../view/overlay.ts'
import { ensureServices, type VersionServices } from '../../../workloads/ensure-services.ts'
import { abilities } from '../abilities.ts'
import { ownerOf } from '../read/owners.ts'
import { readService, type ApisixReading } from '../read/reading.ts'
import { allRoutes } from '../resolve/indexes.ts'
import { nameOf } from '../resolve/rules.ts'
import { reachedRules } from '../resolve/table.ts'
import { requireUndisturbed } from './place.ts'
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
  const changes = routesOf(task).map(before => {
    const owner = ownerOf(reading.view, before)
    if (owner !== undefined) refuseOwned({ object: before, owner })
    return { before, after: edited(task, before) }
  })
  const all = [...services.changes, ...changes]
  const later = overlay(given.view, all)
  if (wanted.renewed !== undefined) requireUndisturbed(reading, later, { cohort: wanted.renewed, changes })
  const split = wanted.split
  return {
    changes: all,
    notes: split === undefined || scope === undefined ? [] : unchangedNotes(reading, scope.rules, split),
    laterView: later,
  }
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
      hints: ['Send a cohort or a small share to the version instead: kubectl canary weight VERSION=1'],
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
function edited(task: ApisixTask, before: ApisixRoute): ApisixRoute {
  const steps = [endCohorts, applySplit, applyCohort, chooseRules, settleStable]
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

/** The rules that a person chose, written down when the canary begins. */
function chooseRules(task: ApisixTask, draft: ApisixDraft): ApisixDraft {
  const { scope, reading, wanted } = task
  if (scope?.isChosen !== true || wanted.stable === undefined) return draft
  const only = { ...draft.record.restore?.only, [idOf(reading.service)]: [...keysIn(task, draft)] }
  return withRestore(draft, { only })
}
