import { afterCheck, verdictOf } from '../../../shared/rollout/advance.ts'
import type { RolloutRecord } from '../../../shared/rollout/rollout-record.ts'
import { isOver, type RolloutCheck, type RolloutState } from '../../../shared/rollout/rollout-state.ts'
import type { Interference, RolloutPorts } from '../rollout-ports.ts'
import { waitFor } from '../waiting.ts'

/** Judges the version now. */
export async function check(record: RolloutRecord, ports: RolloutPorts): Promise<RolloutRecord> {
  const measured = await ports.measure(record)
  if (measured.kind === 'changed') return interfered(record, measured, ports)
  const { results } = measured
  const made: RolloutCheck = { at: ports.now().toISOString(), verdict: verdictOf(results), results }
  const saved = await ports.save(afterCheck(record.plan, record.state, made))
  // A check that somebody cut short says nothing.
  if (!isOver(saved.state)) ports.report({ kind: 'check', check: made }, saved)
  return saved
}

/** The next step has to wait; it is tried again after an interval. */
export async function heldUp(
  record: RolloutRecord,
  why: string,
  ports: RolloutPorts,
): Promise<RolloutRecord> {
  const { state } = record
  const saved = state.held === why ? record : await ports.save({ ...state, held: why })
  if (state.held !== why) ports.report({ kind: 'held', why }, saved)
  return waitFor(saved, ports.now().getTime() + record.plan.interval * 1000, ports)
}

/** Somebody else changed the routes: the run ends, and they stay as they are. */
export const interfered = (
  { state }: RolloutRecord,
  { as, why }: Interference,
  ports: RolloutPorts,
): Promise<RolloutRecord> => ports.save({ ...ended(state, as, ports.now()), why })

/** The state of a run that is over. */
export const ended = (
  { held: _, refusedSince: __, ...state }: RolloutState,
  status: RolloutState['status'],
  now: Date,
): RolloutState => ({ ...state, status, ended: now.toISOString() })
