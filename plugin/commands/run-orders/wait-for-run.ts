import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { parseDuration } from '../../../shared/objects/text/parse-duration.ts'
import { recordIn, type RolloutRecord } from '../../../shared/rollout/rollout-record.ts'
import { endOf, isOver } from '../../../shared/rollout/rollout-state.ts'
import type { Session } from '../../session.ts'
import { exitCodeOf } from '../run/exit-code.ts'
import { noRunOf, whichRun } from '../run/which-run.ts'

/** What is waited for, and how long. */
export interface WaitFlags {
  readonly for?: string
  readonly timeout?: string
  readonly service?: string
}

const lookEvery = 2000
const states = ['promoted', 'paused', 'failed'] as const

/** Waits until a run is as it is waited for, is over, or the time has passed. */
export async function waitForRun(
  session: Session,
  service: string | undefined,
  flags: WaitFlags,
): Promise<void> {
  const wanted = states.find(state => state === flags.for)
  if (wanted === undefined)
    throw new CanaryError('usage', `--for ${flags.for} is none of ${states.join(', ')}`, {
      hints: ['Example: --for promoted'],
    })
  const end = session.streams.now().getTime() + timeoutOf(flags.timeout ?? '10m')
  const { runs } = await session.store()
  if (runs === undefined) throw new CanaryError('failed', 'a run needs a cluster')
  const of = await whichRun(session, runs, service)
  for (;;) {
    const run = await runs.get(of)
    if (run === undefined) throw await noRunOf(session, of, service)
    const record = recordIn(run)
    if (isAs(wanted, record)) return session.say(sentenceOf(record))
    if (isOver(record.state)) {
      session.say(sentenceOf(record))
      session.exitCode = exitCodeOf(record.state.status) || 1
      return
    }
    if (session.streams.now().getTime() >= end)
      throw new CanaryError(
        'timeout',
        `the run of ${of.service} is not ${wanted} after ${flags.timeout}: ${sentenceOf(record)}`,
      )
    await session.streams.wait(Math.min(lookEvery, Math.max(1, end - session.streams.now().getTime())))
  }
}

function isAs(wanted: (typeof states)[number], { state }: RolloutRecord): boolean {
  if (wanted === 'promoted') return state.status === 'promoted'
  if (wanted === 'paused')
    return !isOver(state) && (state.paused !== undefined || state.status === 'confirming')
  return ['failed', 'no-data', 'timed-out'].includes(state.status)
}

/** Where a run is, in a sentence without a full stop. */
function sentenceOf({ service, version, state, plan }: RolloutRecord): string {
  if (isOver(state)) return `${service}: ${version} ${endOf(state)}`
  const step = `step ${state.stage + 1} of ${plan.stages.length}`
  if (state.status === 'confirming') return `${service}: ${version} passed all steps and waits for a person`
  return `${service}: ${version} is ${state.paused === undefined ? '' : 'paused '}at ${step}`
}

function timeoutOf(text: string): number {
  const duration = text === '0' ? 0 : parseDuration(text, { d: 86_400_000 })
  if (duration !== undefined && duration >= 0) return duration
  throw new CanaryError('usage', `--timeout ${text} is not a duration`, { hints: ['Example: --timeout 10m'] })
}
