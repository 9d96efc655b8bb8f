import type { RolloutRecord } from '../../shared/rollout/rollout-record.ts'
import { checkedAt, isOver, presentOf } from '../../shared/rollout/rollout-state.ts'
import type { RolloutPorts } from './rollout-ports.ts'

/** So often it is looked what others ordered, in milliseconds. */
export const lookEvery = 2000

/** Whether a run has taken longer than it may. */
export const isLate = (record: RolloutRecord, now: Date): boolean => now.getTime() >= lastMoment(record)

/** When the run times out, in milliseconds since 1970. */
const lastMoment = ({ plan: { timeout }, started }: RolloutRecord): number =>
  timeout === undefined ? Number.POSITIVE_INFINITY : Date.parse(started) + timeout * 1000

/** When the next check is due, in milliseconds since 1970: an interval after the routes were written, or the last check. */
export const dueAt = ({ plan, state }: RolloutRecord): number =>
  Date.parse(checkedAt(presentOf(state))!) + plan.interval * 1000

/** Waits until a time in milliseconds since 1970, until the run times out, or until somebody orders something. */
export async function waitFor(
  record: RolloutRecord,
  until: number,
  ports: RolloutPorts,
): Promise<RolloutRecord> {
  for (let seen = record; ;) {
    const { state } = seen
    const isOrdered = state.status !== record.state.status || state.paused !== record.state.paused
    const left = Math.min(until, lastMoment(seen)) - ports.now().getTime()
    if (isOver(state) || isOrdered || state.paused !== undefined || left <= 0) return seen
    await ports.wait(Math.min(left, lookEvery))
    seen = await ports.look()
  }
}
