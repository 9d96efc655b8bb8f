import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { RolloutRecord } from '../../../shared/rollout/rollout-record.ts'
import { presentOf } from '../../../shared/rollout/rollout-state.ts'
import type { LiveRun } from '../../run/ports-of.ts'
import type { Session } from '../../session.ts'
import { linesOf } from '../../streams.ts'

/** The questions that a run may ask where a person sits at a terminal; none elsewhere. Throws `usage` where there must be one. */
export function questionsOf(session: Session, confirmsSteps: boolean): Pick<LiveRun, 'ask' | 'confirmStep'> {
  const { stdin, stderr } = session.streams
  if (stdin.isTTY !== true || stderr.isTTY !== true) {
    if (!confirmsSteps) return {}
    throw new CanaryError('usage', '--confirm needs a terminal', {
      hints: [
        'In a pipeline, use --gate URL, or --promote confirm to wait for a person after the last step.',
      ],
    })
  }
  const answers = linesOf(stdin)
  const ask = async (question: string): Promise<boolean> => {
    stderr.write(`${question} [y/N] `)
    const { value } = await answers.next()
    return /^y(es)?$/i.test(String(value ?? '').trim())
  }
  return {
    ask: ({ version, service }) => ask(`promote ${version} of ${service}?`),
    ...(confirmsSteps && { confirmStep: stepQuestion(ask) }),
  }
}

/** Asks once for each step; a no holds the run up, and it is asked again after the next check. */
function stepQuestion(ask: (question: string) => Promise<boolean>): NonNullable<LiveRun['confirmStep']> {
  return async ({ state, plan }: RolloutRecord) => {
    // Before the first step, none is made yet.
    const step = presentOf(state).since === undefined ? state.stage : state.stage + 1
    const next = step >= plan.stages.length ? 'promotion' : `step ${step + 1} of ${plan.stages.length}`
    return (await ask(`continue to ${next}?`)) ? undefined : 'a person refused'
  }
}
