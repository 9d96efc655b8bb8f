import { refOf } from '../../../../objects/kinds.ts'
import type { VirtualService } from '../../../../objects/virtual-service.ts'
import {
  type EditPurpose,
  refuseOwned,
  type ServiceEdit,
  type ServiceReading,
} from '../../../../routing/provider.ts'
import type { RoutedService } from '../../../../routing/service.ts'
import type { Wanted, WantedSplit } from '../../../../routing/wanted.ts'
import { merged, type Change } from '../../../../view/change.ts'
import { overlay } from '../../../../view/overlay.ts'
import { canaryOf } from '../../read/canary-state.ts'
import { serviceMeantBy } from '../../read/applications/service-meant-by.ts'
import { fallsApart } from '../../../../workloads/routes/divided-rule.ts'
import { ownedObject } from '../../read/owners.ts'
import { onlyPortOf, readService, type IstioReading } from '../../read/reading.ts'
import { cohortsIn, type CohortRecord } from '../../../../routing/record/record.ts'
import { createdFor, type StickyRecord } from '../../read/record/record.ts'
import type { VersionTarget } from '../../read/version-target.ts'
import { versionAt, versionOf } from '../../read/versions.ts'
import { endedPreviews } from './preview-routes.ts'
import { stickyIn } from '../../read/record/sticky.ts'
import { endCanary, endCohort, startSplit } from '../canary.ts'
import { endCohortsBeside } from '../placing/beside.ts'
import { leftAlone, type SplitEdit } from '../split.ts'
import { setCookieOf, stickinessOf, type Stickiness } from '../sticky.ts'
import { createdRoutes } from './editable.ts'
import { ensureSubsets, type Subsets } from './ensure-subsets.ts'
import { scopeOf } from './scope.ts'
import { setCohort } from './set-cohort.ts'
import { renewSticky, setSticky } from './set-sticky.ts'
import { mirrorsEnded, setServiceMirrors } from './set-mirrors.ts'

/** Brings the objects of a service to the desired state: the split, cohorts that end, the cohort or mirrors set. */
export function editService(
  { view, service, complete }: ServiceReading,
  wanted: Wanted,
  purpose: EditPurpose,
): ServiceEdit {
  const reading = readService(view, service, { complete })
  const stays = new Set(wanted.cohorts.map(({ name }) => name))
  const over = new Set(
    canaryOf(reading.view, service)
      .cohorts.map(({ name }) => name)
      .filter(name => !stays.has(name)),
  )
  const isOver = ({ name }: { readonly name: string }): boolean => over.has(name)
  const first =
    wanted.split === undefined
      ? { changes: cohortsEnded(reading, isOver), notes: [] }
      : splitEdit(reading, { wanted, split: wanted.split, isOver }, purpose)
  const { mirrors, stable } = wanted
  if (mirrors !== undefined)
    return followed(reading, first, between => mirrorsEdit(between, { mirrors, stable }, purpose))
  const renewed = wanted.cohorts.find(({ name }) => name === wanted.renewed)
  if (renewed === undefined || stable === undefined) return first
  return followed(reading, first, between =>
    setCohort(
      between,
      {
        cohort: { ...renewed, before: wanted.before },
        to: versionOf(between, renewed.to),
        stable: versionOf(between, stable),
      },
      purpose,
    ),
  )
}

/** The mirrors of ours, on the base routes and on those of users whom a sticky split keeps. */
function mirrorsEdit(
  reading: IstioReading,
  { mirrors, stable }: Required<Pick<Wanted, 'mirrors'>> & { readonly stable: string | undefined },
  purpose: EditPurpose,
): ServiceEdit {
  if (stable === undefined) return { changes: mirrorsEnded(reading), notes: [] }
  const first =
    mirrors.length === 0
      ? { changes: mirrorsEnded(reading), notes: [] }
      : setServiceMirrors(reading, { mirrors, stable }, purpose)
  return renewSticky(reading, { first, stable }, purpose)
}

/** One edit after another, each on what the one before it leaves. */
function followed(
  reading: IstioReading,
  first: ServiceEdit,
  edit: (between: IstioReading) => ServiceEdit,
): ServiceEdit {
  const between =
    first.changes.length === 0
      ? reading
      : readService(overlay(reading.view, first.changes), reading.service, reading)
  const second = edit(between)
  return {
    ...second,
    changes: merged([...first.changes, ...second.changes]),
    notes: [...first.notes, ...second.notes],
  }
}

/** The cohorts that are over taken away, wherever they are recorded. */
function cohortsEnded(
  { view, service }: IstioReading,
  isOver: (cohort: CohortRecord) => boolean,
): readonly Change[] {
  const carrying = view.list('VirtualService').filter(route => cohortsIn(route, service).some(isOver))
  for (const route of carrying) {
    const owned = ownedObject(view, route, service)
    if (owned !== undefined) refuseOwned(owned)
  }
  return carrying.map(before => ({
    before,
    after:
      createdFor(before) === undefined
        ? withoutCohorts(before, service, isOver)
        : endCohortsBeside(before, service, isOver),
  }))
}

const withoutCohorts = (
  route: VirtualService,
  service: RoutedService,
  isOver: (cohort: CohortRecord) => boolean,
): VirtualService =>
  cohortsIn(route, service)
    .filter(isOver)
    .reduce((left, { name }) => endCohort(left, service, name), route)

interface SplitToSet {
  readonly wanted: Wanted
  readonly split: WantedSplit
  readonly isOver: (cohort: CohortRecord) => boolean
}

/** The split at every route, the subsets that it needs first, and the end of a canary where none is wanted. */
function splitEdit(
  reading: IstioReading,
  { wanted, split, isOver }: SplitToSet,
  purpose: EditPurpose,
): ServiceEdit {
  const { service, versions } = reading
  const scope = scopeOf(reading, purpose)
  const routes = scope.objects
  const subsets = ensureSubsets(
    reading,
    split.shares.map(({ version }) => versionOf(reading, version)),
  )
  const sticky = wanted.sticky && stickinessOf(wanted.sticky, split, earlierSticky(reading, routes))
  const isGone = (cohort: CohortRecord): boolean => isOver(cohort) || isStickyOver(cohort, sticky)
  const edit = wholeEdit(reading, { split, subsets, sticky })
  const { stable, unmirrored = [] } = wanted
  const isMirrorOver = (mirrored: VersionTarget): boolean =>
    unmirrored.includes(versionAt(versions, mirrored)?.name ?? mirrored.subset ?? '')
  const editOf = (object: VirtualService): SplitEdit => ({ ...edit, chosen: scope.chosenAt(object) })
  const turned =
    (idle: readonly VersionTarget[]) =>
    (before: VirtualService): Change => {
      const split = { ...editOf(before), idle }
      if (stable === undefined)
        return { before, after: endCanary(before, { split, isOver: isGone, isMirrorOver }) }
      const named = { version: stable, ...subsets.targetFor(versionOf(reading, stable)) }
      const started = startSplit(before, split, named)
      return { before, after: withoutCohorts(started, service, isGone) }
    }
  const lean = routes.map(turned([]))
  const edited =
    stable === undefined && isTornApart(reading, lean) ? routes.map(turned(hostsOf(reading))) : lean
  const beside = createdRoutes(reading).map(before => ({
    before,
    after: endCohortsBeside(before, service, isGone),
  }))
  const notes = routes.flatMap(route =>
    leftAlone(route, editOf(route)).map(
      place => ({ kind: 'route-unchanged', object: refOf(route), place }) as const,
    ),
  )
  const previews = stable === undefined ? endedPreviews(reading, unmirrored) : []
  const whole = {
    changes: [...subsets.changes, ...edited, ...beside, ...previews],
    notes: [...subsets.notes, ...notes],
  }
  return sticky === undefined ? whole : setSticky(reading, { first: whole, sticky }, purpose)
}

/** Whether the destinations that are left show the versions of a service to be such no longer. */
const isTornApart = ({ view, service }: IstioReading, changes: readonly Change[]): boolean =>
  service.hosts !== undefined && fallsApart(service, overlay(view, changes), serviceMeantBy)

/** The Services that are versions, as destinations lead to them. */
const hostsOf = ({ service: { hosts = [] } }: IstioReading): readonly VersionTarget[] =>
  hosts.map(({ host }) => ({ host }))

/** The split as it is set on a VirtualService, whichever it is. */
const wholeEdit = (
  reading: IstioReading,
  {
    split,
    subsets,
    sticky,
  }: { readonly split: WantedSplit; readonly subsets: Subsets; readonly sticky: Stickiness | undefined },
): SplitEdit => ({
  service: reading.service,
  parts: split.shares.map(({ version, percent }) => ({
    ...subsets.targetFor(versionOf(reading, version)),
    weight: percent,
    setsCookie: sticky && setCookieOf(sticky, version),
  })),
  onlyPort: onlyPortOf(reading),
  sticky: sticky?.record,
  ...(split.replaces && {
    only: [{}, ...split.replaces.flatMap(name => subsets.targetOf(versionOf(reading, name)) ?? [])],
  }),
})

/** What is written down of the sticky split that is there. */
const earlierSticky = (
  { service }: IstioReading,
  routes: readonly VirtualService[],
): StickyRecord | undefined =>
  routes.map(route => stickyIn(route, service)).find(found => found !== undefined)

/** Whether a cohort is the routes of a sticky split for a version that users do not keep any more. */
const isStickyOver = ({ sticky, to }: CohortRecord, kept: Stickiness | undefined): boolean =>
  sticky === true && kept?.values.has(to) !== true
