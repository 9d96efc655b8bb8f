import { CanaryError } from '../../../objects/canary-error.ts'
import type { Service } from '../../../objects/core.ts'
import {
  refuseOwned,
  type EditPurpose,
  type ServiceEdit,
  type ServiceReading,
} from '../../../routing/provider.ts'
import { withRecord, withStable } from '../../../routing/record/write-record.ts'
import type { Wanted, WantedSplit } from '../../../routing/wanted.ts'
import type { Change } from '../../../view/change.ts'
import { abilities } from '../abilities.ts'
import { madePreview } from '../resolve/preview.ts'
import { ownedObjects } from '../read/owners.ts'
import { readService, type PodReading } from '../read/reading.ts'
import { recordOf, type PodsRestore } from '../read/record.ts'
import { setAffinity } from './affinity.ts'
import { scaleVersions, type ScalingEdit } from './scale.ts'
import { selectVersion } from './select.ts'

/**
 * Brings the pods of a service to the desired shares, by their number or by the selector of the Service. Throws a
 * CanaryError `refused` where that cannot be.
 */
export function editService(given: ServiceReading, wanted: Wanted, purpose: EditPurpose): ServiceEdit {
  const reading = readService(given.view, given.service, given)
  for (const owned of ownedObjects(reading.view, reading.service)) refuseOwned(owned)
  if (wanted.renewed !== undefined) throw noCohorts(purpose)
  if (wanted.mirrors !== undefined && wanted.mirrors.length > 0) throw noMirrors()
  const { object } = reading
  const { split } = wanted
  if (object === undefined || split === undefined) return { changes: [], notes: [] }
  const restore = recordOf(object).restore ?? {}
  const task = { reading, wanted: { ...wanted, split }, restore }
  const edit: ScalingEdit & { readonly selected?: Service } =
    reading.switchKey === undefined
      ? scaleVersions(task, purpose.command)
      : selectVersion(reading, object, task.wanted)
  const after = settled(reading, edit.selected ?? object, { wanted: task.wanted, restore, edit })
  return {
    changes: [...edit.changes, { before: object, after }, ...endedPreview(reading, wanted)],
    notes: edit.notes,
  }
}

interface EndOfEdit {
  readonly wanted: Wanted & { readonly split: WantedSplit }
  readonly restore: PodsRestore
  readonly edit: ScalingEdit
}

/** The Service with what is written down while a canary is on it, and how users are kept meanwhile. */
function settled(
  { service, ...reading }: PodReading,
  object: Service,
  { wanted, restore, edit }: EndOfEdit,
): Service {
  const { stable, sticky } = wanted
  const affinity = setAffinity({ service, ...reading }, object, { sticky, restore })
  const { emptyAnnotations } = restore
  const kept: PodsRestore = {
    ...(stable !== undefined && edit.restore),
    ...affinity.restore,
    ...(emptyAnnotations !== undefined && { emptyAnnotations }),
  }
  const written = withStable(affinity.object, service, { stable, isAlone: true })
  return withRecord(written, { cohorts: [], restore: kept })
}

/** The Service of a preview goes with its version's promotion, and with its abort. */
const endedPreview = ({ view, service }: PodReading, { unmirrored = [] }: Wanted): readonly Change[] => {
  const made = madePreview(view, service)
  return made !== undefined && unmirrored.includes(made.version) ? [{ before: made.object }] : []
}

/** The error for a cohort of a service whose requests nothing reads. */
export const noCohorts = ({ byWeight }: Pick<EditPurpose, 'byWeight'>): CanaryError =>
  new CanaryError('refused', `requests cannot be told apart: ${abilities.cohorts}`, {
    hints: [
      byWeight === undefined
        ? 'Send a version a share of the requests instead, with weight.'
        : `Send the version a share of the requests instead: ${byWeight}`,
    ],
  })

const noMirrors = (): CanaryError =>
  new CanaryError('refused', `requests cannot be mirrored: ${abilities.mirrors}`)
