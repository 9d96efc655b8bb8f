import type { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { RolloutRecord } from '../../../shared/rollout/rollout-record.ts'
import { tried } from '../begin.ts'
import { intentsOf } from '../intents.ts'
import type { RunWorld } from '../routes.ts'
import { isRefusedEdit } from './refused-edit.ts'

/**
 * Why the promotion of a run would be refused, if it were made now, with what to do about it: a run that knows only in the
 * end that there are too few pods has tried for nothing.
 */
export async function refusedPromotion(
  world: RunWorld,
  record: RolloutRecord,
): Promise<CanaryError | undefined> {
  const { service, namespace, version, plan, command, force } = record
  const [promotion] = intentsOf(record, 'promotion')
  const delivery = { service: `${service}.${namespace}`, version, plan, command, force }
  try {
    await tried(world, delivery, promotion!)
    return undefined
  } catch (error) {
    if (isRefusedEdit(error)) return error
    throw error
  }
}
