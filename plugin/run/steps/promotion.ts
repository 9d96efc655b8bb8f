import { rollingBack } from '../../../shared/rollout/advance.ts'
import type { RolloutRecord } from '../../../shared/rollout/rollout-record.ts'
import { presentOf } from '../../../shared/rollout/rollout-state.ts'
import type { RolloutPorts } from '../rollout-ports.ts'
import { isLate, waitFor } from '../waiting.ts'
import { check, ended, heldUp, interfered } from './check.ts'

/** Gives the version everything, or waits where that is refused as things are. */
export async function promote(record: RolloutRecord, ports: RolloutPorts): Promise<RolloutRecord> {
  const { state } = record
  // A version that fails meanwhile is not promoted.
  if (state.refusedSince !== undefined && presentOf(state).checks.at(-1)?.verdict !== 'pass')
    return whilePromotionIsRefused(record, state.held ?? '', ports)
  const edit = await ports.edit(record, 'promotion')
  if (edit.kind === 'held') return heldUp(record, edit.why, ports)
  if (edit.kind === 'changed') return interfered(record, edit, ports)
  if (edit.kind === 'refused') return whilePromotionIsRefused(record, edit.why, ports)
  if (edit.kind === 'not-accepted') {
    const left = { ...state, ...(edit.print !== undefined && { print: edit.print }) }
    return ports.save(rollingBack(left, 'failed', notPromoted(edit.why)))
  }
  const saved = await ports.save(ended(state, 'promoted', ports.now()))
  if (saved.state.status === 'promoted') await ports.hook(saved, 'promotion')
  return saved
}

const notPromoted = (why: string): string => `it could not be promoted: ${why}`

/**
 * The version keeps its share and is judged, until the promotion can be made: somebody may scale it. After as long as a
 * run may be without data everything goes back to stable.
 */
async function whilePromotionIsRefused(
  record: RolloutRecord,
  why: string,
  ports: RolloutPorts,
): Promise<RolloutRecord> {
  const { state, plan } = record
  const now = ports.now()
  const refusedSince = state.refusedSince ?? now.toISOString()
  if (now.getTime() - Date.parse(refusedSince) >= plan.noDataDeadline * 1000)
    return ports.save(rollingBack(state, 'failed', notPromoted(why)))
  const saved = await ports.save({ ...state, held: why, refusedSince })
  if (state.held !== why) ports.report({ kind: 'held', why }, saved)
  const waited = await waitFor(saved, now.getTime() + plan.interval * 1000, ports)
  const { status, paused } = waited.state
  const isTurn = status === 'promoting' && paused === undefined && !isLate(waited, ports.now())
  return isTurn ? check(waited, ports) : waited
}
