import type { EditPurpose, ServiceEdit } from '../../../../routing/provider.ts'
import { merged } from '../../../../view/change.ts'
import { overlay } from '../../../../view/overlay.ts'
import { readService, type IstioReading } from '../../read/reading.ts'
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
  return values.reduce(({ changes, notes }: ServiceEdit, [version, value]): ServiceEdit => {
    const between = readService(overlay(reading.view, merged(changes)), reading.service, reading)
    const next = setCohort(
      between,
      {
        cohort: {
          name: `sticky ${version}`,
          to: version,
          when: [{ on: 'cookie', name: sticky.record.cookie, value }],
          sticky: true,
        },
        to: versionOf(between, version),
        stable: versionOf(between, stable),
      },
      purpose,
    )
    return { changes: [...changes, ...next.changes], notes: [...notes, ...next.notes] }
  }, first)
}
