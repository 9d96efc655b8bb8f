import { CanaryError } from '../../shared/objects/canary-error.ts'
import { afterCheck, forward, hasPassed, rollingBack } from '../../shared/rollout/advance.ts'
import type { RolloutRecord } from '../../shared/rollout/rollout-record.ts'
import { entered, isOver, presentOf, type RolloutCheck } from '../../shared/rollout/rollout-state.ts'
import { withPodShare } from '../../shared/rollout/stage-traffic.ts'
import { askingOnce, tellingOnce } from './once.ts'
import { givenUp, isRefusal, patienceOf } from './patience.ts'
import type { RolloutPorts } from './rollout-ports.ts'
import { check, ended, heldUp, interfered } from './steps/check.ts'
import { promote } from './steps/promotion.ts'
import { dueAt, isLate, lookEvery, waitFor } from './waiting.ts'

/** The same while a person is asked, who expects something to happen after the answer. */
const questionEvery = 200
/** So long it is waited after something did not answer, in milliseconds: the first time, and at most. */
const [firstRetry, longestRetry] = [1000, 10_000]

/**
 * Carries a run out to its end, from its present state; gives the run as it is then. A run that waits for a person whom
 * nobody can ask is given back as `confirming`. Throws where it is interrupted, and where another process has it.
 */
export async function carryOut(start: RolloutRecord, given: RolloutPorts): Promise<RolloutRecord> {
  const ports = askingOnce(tellingOnce(given))
  let record = start
  let retry = 0
  let refusedSince: number | undefined
  while (!isOver(record.state)) {
    try {
      // What failed may have been done in part, and others may have ordered something since.
      if (retry > 0) record = await ports.look()
      const next = await stepOf(record, ports)
      if ('unanswered' in next) return next.unanswered
      record = next
      retry = 0
      refusedSince = undefined
    } catch (error) {
      if (!isPassing(error)) throw error
      refusedSince = isRefusal(error) ? (refusedSince ?? ports.now().getTime()) : undefined
      if (refusedSince !== undefined && ports.now().getTime() - refusedSince >= patienceOf(record))
        throw givenUp(record, error)
      ports.report({ kind: 'trouble', why: error.message }, record)
      retry = Math.min(Math.max(firstRetry, retry * 2), longestRetry)
      await ports.wait(retry)
    }
  }
  ports.report({ kind: 'ended' }, record)
  await ports.hook(record, 'end')
  return record
}

/** The run where it waits for a person who does not answer, or cannot be asked. */
interface Unanswered {
  readonly unanswered: RolloutRecord
}

/** Errors of servers, which may answer again. */
const passing: readonly CanaryError['code'][] = [
  'unreachable',
  'timeout',
  'conflict',
  'unauthorized',
  'forbidden',
  'rejected',
  'failed',
]

const isPassing = (error: unknown): error is CanaryError =>
  error instanceof CanaryError && passing.includes(error.code)

async function stepOf(record: RolloutRecord, ports: RolloutPorts): Promise<RolloutRecord | Unanswered> {
  const { state, plan } = record
  if (state.status === 'rolling-back') return rollBack(record, ports)
  if (isLate(record, ports.now())) {
    const why = `it was not finished within ${plan.timeout} s`
    return ports.save(rollingBack(state, 'timed-out', why))
  }
  if (state.paused !== undefined) return whilePaused(record, ports)
  if (state.status === 'promoting') return promote(record, ports)
  if (presentOf(state).since === undefined) return enter(record, ports)
  if (state.status === 'confirming') return confirm(record, ports)
  return checkStage(record, ports)
}

async function whilePaused(record: RolloutRecord, ports: RolloutPorts): Promise<RolloutRecord> {
  ports.report({ kind: 'paused' }, record)
  for (let seen = record; ;) {
    if (isOver(seen.state)) return seen
    if (seen.state.paused === undefined) {
      ports.report({ kind: 'continued' }, seen)
      // Nothing was measured meanwhile: the time without data begins again.
      const { noDataSince, ...state } = seen.state
      return noDataSince === undefined ? seen : ports.save(state)
    }
    if (isLate(seen, ports.now()))
      return ports.save(rollingBack(seen.state, 'timed-out', 'it was paused for too long'))
    await ports.wait(lookEvery)
    seen = await ports.look()
  }
}

/** Writes the routes of the present stage. */
async function enter(record: RolloutRecord, ports: RolloutPorts): Promise<RolloutRecord> {
  const isFirst = record.state.stage === 0
  if (isFirst) {
    const why = await ports.hold(record)
    if (why !== undefined) return heldUp(record, why, ports)
    // A person may have been asked for long.
    const seen = await ports.look()
    if (!mayStep(seen, ports)) return seen
  }
  const edit = await ports.edit(record, 'stage')
  if (edit.kind === 'held') return heldUp(record, edit.why, ports)
  if (edit.kind === 'changed') return interfered(record, edit, ports)
  if (edit.kind === 'refused') return whenRefused(record, edit.why, ports)
  const { held: _, ...free } = record.state
  const there = entered(free, ports.now().toISOString(), edit.print)
  if (edit.kind === 'not-accepted') return ports.save(rollingBack(there, 'failed', edit.why))
  const saved = await ports.save(withPodShare(record, there, edit.byPods))
  if (isOver(saved.state)) return saved
  ports.report({ kind: 'stage' }, saved)
  await ports.hook(saved, isFirst ? 'start' : 'step')
  return saved
}

/** Whether nobody ordered anything that stands against a step forward, and there is time for it. */
const mayStep = (record: RolloutRecord, ports: RolloutPorts): boolean =>
  record.state.status === 'running' && record.state.paused === undefined && !isLate(record, ports.now())

/** A stage that cannot be entered now counts as a failed check, for a version that loses its pods must not be waited for. */
async function whenRefused(record: RolloutRecord, why: string, ports: RolloutPorts): Promise<RolloutRecord> {
  const check: RolloutCheck = { at: ports.now().toISOString(), verdict: 'fail', results: [], refused: why }
  const saved = await ports.save(afterCheck(record.plan, record.state, check))
  ports.report({ kind: 'check', check }, saved)
  if (saved.state.status === 'rolling-back') return saved
  return waitFor(saved, ports.now().getTime() + record.plan.interval * 1000, ports)
}

/** Waits for the next check, makes it, and continues where the stage has passed. */
async function checkStage(record: RolloutRecord, ports: RolloutPorts): Promise<RolloutRecord> {
  const waited = await waitFor(record, dueAt(record), ports)
  if (waited.state.status !== record.state.status || waited.state.paused !== undefined) return waited
  if (isLate(waited, ports.now())) return waited
  const checked = await check(waited, ports)
  if (!hasPassed(checked.plan, checked.state) || !mayStep(checked, ports)) return checked
  const why = await ports.hold(checked)
  if (why === undefined) {
    // A person may have been asked for long.
    const seen = await ports.look()
    return mayStep(seen, ports) ? ports.save(forward(seen.plan, seen.state)) : seen
  }
  if (checked.state.held === why) return checked
  ports.report({ kind: 'held', why }, checked)
  return ports.save({ ...checked.state, held: why })
}

/** A person decides; the version is judged meanwhile. */
async function confirm(record: RolloutRecord, ports: RolloutPorts): Promise<RolloutRecord | Unanswered> {
  ports.report({ kind: 'confirming' }, record)
  if (ports.ask === undefined) return { unanswered: record }
  let answer: boolean | undefined
  ports.ask(record).then(
    yes => (answer = yes),
    () => (answer = false),
  )
  for (let seen = record; ;) {
    // What others ordered, and checks that failed, go before the answer.
    if (seen.state.status !== 'confirming' || seen.state.paused !== undefined || isLate(seen, ports.now()))
      return seen
    if (answer === true) return ports.save({ ...seen.state, status: 'promoting' })
    if (answer === false) return { unanswered: seen }
    if (ports.now().getTime() >= dueAt(seen)) seen = await check(seen, ports)
    else {
      await ports.wait(questionEvery)
      seen = await ports.look()
    }
  }
}

async function rollBack(record: RolloutRecord, ports: RolloutPorts): Promise<RolloutRecord> {
  ports.report({ kind: 'rolling-back' }, record)
  const edit = await ports.edit(record, 'rollback')
  if (edit.kind === 'changed') return interfered(record, edit, ports)
  if (edit.kind === 'held' || edit.kind === 'refused')
    throw new CanaryError('refused', `the routes could not be taken back to ${record.stable}: ${edit.why}`, {
      hints: [
        'The run stays at its step. When the problem is solved, abort sends everything back to stable.',
      ],
    })
  if (edit.kind === 'not-accepted') ports.report({ kind: 'note', text: edit.why }, record)
  const saved = await ports.save(ended(record.state, record.state.cause ?? 'failed', ports.now()))
  await ports.hook(saved, 'rollback')
  return saved
}
