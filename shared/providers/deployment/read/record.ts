import type { Service } from '../../../objects/core.ts'
import { fieldsOf, isFields, numberOf } from '../../../objects/unchecked.ts'
import { readRecord, unreadableRecord, type WrittenRecord } from '../../../routing/record/record.ts'

/**
 * What a canary changed, so that its end gives back what was there. It is written down on the Service: `kubectl rollout
 * undo` takes the annotations of a Deployment back, and ours with them.
 */
export interface PodsRestore {
  /** The replicas of each Deployment before the canary; null where the field was left out. */
  readonly replicas?: Readonly<Record<string, number | null>>
  /** The pods of all versions before the canary, and as they were set last. */
  readonly pods?: { readonly before: number; readonly set: number }
  /** How the Service kept users at pods before the canary. */
  readonly affinity?: { readonly spec: Readonly<Record<string, unknown>> }
  /** The object had an `annotations: {}`. */
  readonly emptyAnnotations?: boolean
}

/** What we wrote down on a Service. */
export type PodsRecord = WrittenRecord<PodsRestore>

/** What we wrote down on a Service. Throws a CanaryError `unreadable` where somebody else has written over it. */
export function recordOf(service: Service): PodsRecord {
  const record = readRecord<PodsRestore>(service)
  if (record !== undefined && isReadable(record.restore ?? {})) return record
  throw unreadableRecord(service)
}

/** The same for a look; nothing where it cannot be read. */
export function restoreIn(service: Service): PodsRestore {
  const restore = readRecord<PodsRestore>(service)?.restore ?? {}
  return isReadable(restore) ? restore : {}
}

function isReadable({ replicas = {}, pods, affinity }: PodsRestore): boolean {
  const isCount = (value: unknown): boolean =>
    value === null || (Number.isInteger(numberOf(value)) && numberOf(value)! >= 0)
  return (
    isFields(replicas)
    && Object.values(replicas).every(isCount)
    && (pods === undefined || [fieldsOf(pods)['before'], fieldsOf(pods)['set']].every(isCount))
    && (affinity === undefined || isFields(fieldsOf(affinity)['spec']))
  )
}
