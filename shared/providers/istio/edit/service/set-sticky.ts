import type { EditPurpose, ServiceEdit } from '../../../../routing/provider.ts'
import { merged } from '../../../../view/change.ts'
import { overlay } from '../../../../view/overlay.ts'
import type { WantedCohort } from '../../../../routing/wanted.ts'
import { readService, type IstioReading } from '../../read/reading.ts'
import { cohortsIn } from '../../../../routing/record/record.ts'
import { isOfPeople } from '../../../../routing/record/record.ts'
import { versionOf } from '../../read/versions.ts'
import type { Stickiness } from '../sticky.ts'
import { setCohort } from './set-cohort.ts'

/**
 * Puts the routes by which users keep their version before the routes that split: those with the cookie of a
 * version go to it. `first` is the split with its cookies. Throws a CanaryError `refused` where there is no place for
 * them, or requests have no cookies.
 */
export function setSticky(
  reading: IstioReading,
  { first, sticky }: { readonly first: ServiceEdit; readonly sticky: Stickiness },
  purpose: EditPurpose,
): ServiceEdit {
  const [stable] = sticky.record.split.split('=') as [string]
  // The canaries first: a user with both cookies was sent to one.
  const values = [...sticky.values].toSorted(([a], [b]) => Number(a === stable) - Number(b === stable))
  const cohorts = values.map(([version, value]) => ({
    name: `sticky ${version}`,
    to: version,
    when: [{ on: 'cookie', name: sticky.record.cookie, value } as const],
  }))
  return setAll(reading, { first, cohorts, stable }, purpose)
}

/**
 * Makes the routes by which users keep their version anew, where there are some: what their base routes do has
 * changed.
 */
export function renewSticky(
  reading: IstioReading,
  { first, stable }: { readonly first: ServiceEdit; readonly stable: string },
  purpose: EditPurpose,
): ServiceEdit {
  const records = reading.view
    .list('VirtualService')
    .flatMap(object => cohortsIn(object, reading.service))
    .filter(record => !isOfPeople(record))
  const cohorts = [...new Map(records.map(({ name, to, when }) => [name, { name, to, when }])).values()]
  return setAll(reading, { first, cohorts, stable }, purpose)
}

interface StickyRoutes {
  readonly first: ServiceEdit
  readonly cohorts: readonly WantedCohort[]
  /** The stable version. */
  readonly stable: string
}

const setAll = (
  reading: IstioReading,
  { first, cohorts, stable }: StickyRoutes,
  purpose: EditPurpose,
): ServiceEdit =>
  cohorts.reduce(({ changes, notes }: ServiceEdit, cohort): ServiceEdit => {
    const between = readService(overlay(reading.view, merged(changes)), reading.service, reading)
    const next = setCohort(
      between,
      {
        cohort: { ...cohort, sticky: true },
        to: versionOf(between, cohort.to),
        stable: versionOf(between, stable),
      },
      purpose,
    )
    return { changes: [...changes, ...next.changes], notes: [...notes, ...next.notes] }
  }, first)
