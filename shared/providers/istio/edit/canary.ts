import type { HttpRoute, VirtualService } from '../../../objects/virtual-service.ts'
import type { Cohort } from './cohort-route.ts'
import { addCohort, removeCohort, type CopyPlaces } from './cohort.ts'
import { noteLoneWeights, restoreLoneWeights } from './lone-weights.ts'
import { removeMirrors } from './mirrors.ts'
import { forgetPin, pinToStable, unpin } from './pin.ts'
import { forgetRemoved, noteRemoved } from './removed.ts'
import { noteEmptyAnnotations, withRecord } from '../../../routing/record/write-record.ts'
import { hasMirrors } from '../read/record/mirrored-routes.ts'
import { recordOf } from '../read/record/record.ts'
import { type CohortRecord } from '../../../routing/record/record.ts'
import { idOf, type RoutedService } from '../read/routed-service.ts'
import { setSplit, type ChosenRoutes, type SplitEdit } from './split.ts'
import type { VersionTarget } from '../read/version-target.ts'
import { stableOf } from '../../../routing/record/stable.ts'
import { isDivided, withStableOf } from './annotations/stable.ts'
import { withSticky } from './sticky.ts'

/** A version as people call it and what stands for it in a route. */
export interface NamedTarget extends VersionTarget {
  readonly version: string
}

export interface CohortEdit {
  readonly cohort: Cohort
  readonly stable: NamedTarget
  /** Before their base routes when left out. */
  readonly places?: CopyPlaces
  readonly chosen?: ChosenRoutes | undefined
}

/**
 * A cohort set on a VirtualService: its routes, its record, and which version everyone else has. Where it has
 * no route, it is not set, and an earlier one of its name is over.
 */
export function startCohort(
  virtualService: VirtualService,
  { cohort, stable, places, chosen }: CohortEdit,
): VirtualService {
  const { service, name } = cohort
  const added = addCohort(
    pinToStable(withChosen(virtualService, service, chosen?.entries), service, {
      stable,
      isOn: chosen?.isOn,
    }),
    cohort,
    places,
  )
  const isSet = cohortsOf(added, service).some(each => each.name === name)
  if (!isSet) return endCohort(virtualService, service, name)
  return noteStable(added, service, stable.version)
}

/** Writes the stable version down for the sake of a cohort or mirror, where it is not written yet. */
export function noteStable(
  virtualService: VirtualService,
  service: RoutedService,
  version: string,
): VirtualService {
  if (stableOf(virtualService, service) !== undefined) return virtualService
  const record = recordOf(virtualService)
  const written = withRecord(virtualService, {
    ...record,
    restore: { ...record.restore, stable: [...(record.restore?.stable ?? []), idOf(service)] },
  })
  return withStableOf(written, service, version)
}

/**
 * A cohort taken away again. The last one of a service without mirrors of ours takes along what was written down
 * for its sake, so that the object is as it was.
 */
export function endCohort(
  virtualService: VirtualService,
  service: RoutedService,
  name: string,
): VirtualService {
  const cohorts = cohortsOf(virtualService, service)
  if (!cohorts.some(cohort => cohort.name === name)) return virtualService
  if (cohorts.length > 1 || hasMirrors(virtualService, service))
    return removeCohort(virtualService, service, name)
  const wroteStable = recordOf(virtualService).restore?.stable?.includes(idOf(service)) === true
  const unmarked = forgetStable(virtualService, service)
  const bare = wroteStable ? withStableOf(forgetChosen(unmarked, service), service, undefined) : unmarked
  return unpin(removeCohort(bare, service, name), service)
}

/**
 * A split set on a VirtualService. From here on the canary is the split's: taking a cohort away leaves the
 * stable version written down.
 */
export function startSplit(
  virtualService: VirtualService,
  edit: SplitEdit,
  stable: NamedTarget,
): VirtualService {
  const { service, chosen, sticky } = edit
  const whole = noteRemoved(setWholeSplit(virtualService, edit, false), virtualService, service)
  const turned = withSticky(whole, service, sticky)
  const split = forgetPin(forgetStable(turned, service), service)
  const written = withChosen(noteEmptyAnnotations(split), service, chosen?.entries)
  return withStableOf(written, service, stable.version)
}

/**
 * Sets a split. The weights that an earlier one removed from lone destinations are restored when these are
 * alone again.
 */
function setWholeSplit(virtualService: VirtualService, edit: SplitEdit, isOver: boolean): VirtualService {
  const { service, parts } = edit
  const split = setSplit(virtualService, edit)
  const noted = isOver ? split : noteLoneWeights(split, virtualService, service)
  return parts.length > 1 ? noted : restoreLoneWeights(noted, service, { isOver })
}

export interface EndEdit {
  readonly split: SplitEdit
  /** Which cohorts go, by record. */
  readonly isOver: (cohort: CohortRecord) => boolean
  /** Which mirrors go, by what they lead to. */
  readonly isMirrorOver: (target: VersionTarget) => boolean
}

/**
 * The end of a canary, by promotion or abort: one version takes everything, and nothing is written down any
 * more.
 */
export function endCanary(
  virtualService: VirtualService,
  { split, isOver, isMirrorOver }: EndEdit,
): VirtualService {
  const { service } = split
  const over = cohortsOf(virtualService, service).filter(isOver)
  // What no split of the canary has changed is as it was before it.
  const ended = { ...split, keepsWhole: !isDivided(virtualService, service) }
  const whole = setWholeSplit(forgetPin(forgetStable(virtualService, service), service), ended, true)
  const turned = forgetRemoved(withSticky(whole, service, undefined), service)
  const isGone = (target: VersionTarget, route: HttpRoute): boolean =>
    split.chosen?.isOn('http', route) !== false && isMirrorOver(target)
  const unmarked = withStableOf(
    forgetChosen(removeMirrors(turned, service, isGone), service),
    service,
    undefined,
  )
  const bare = withRecord(unmarked, recordOf(unmarked))
  return over.reduce((left, { name }) => removeCohort(left, service, name), bare)
}

/** What is written down of the service's cohorts. */
export const cohortsOf = (virtualService: VirtualService, service: RoutedService): readonly CohortRecord[] =>
  recordOf(virtualService).cohorts.filter(cohort => cohort.service === idOf(service))

/** Writes down which routes a person chose for the canary; unchanged where nothing is to be written. */
export function withChosen(
  virtualService: VirtualService,
  service: RoutedService,
  entries: readonly string[] | undefined,
): VirtualService {
  if (entries === undefined) return virtualService
  const record = recordOf(virtualService)
  const only = { ...record.restore?.only, [idOf(service)]: entries }
  return withRecord(virtualService, { ...record, restore: { ...record.restore, only } })
}

/** Forgets which routes a person chose for the canary. */
export function forgetChosen(virtualService: VirtualService, service: RoutedService): VirtualService {
  const record = recordOf(virtualService)
  if (record.restore?.only?.[idOf(service)] === undefined) return virtualService
  const { [idOf(service)]: _, ...only } = record.restore.only
  return withRecord(virtualService, { ...record, restore: { ...record.restore, only } })
}

/** Forgets that the stable version was written down for the sake of a cohort or mirror. */
export function forgetStable(virtualService: VirtualService, service: RoutedService): VirtualService {
  const record = recordOf(virtualService)
  const stable = record.restore?.stable?.filter(id => id !== idOf(service))
  return record.restore?.stable === undefined
    ? virtualService
    : withRecord(virtualService, { ...record, restore: { ...record.restore, stable: stable ?? [] } })
}
