import { writeFile } from 'node:fs/promises'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { RolloutRecord } from '../../../shared/rollout/rollout-record.ts'
import { formatReport } from '../../print/run/run-report.ts'

/** Writes the report of a run; throws `unwritable` where that is not possible. */
export async function writeReport(file: string, record: RolloutRecord): Promise<void> {
  await writeFile(file, formatReport(record)).catch((error: unknown) => {
    throw new CanaryError('unwritable', `${file} cannot be written`, { cause: error })
  })
}
