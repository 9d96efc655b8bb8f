import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { RolloutRecord } from '../../../shared/rollout/rollout-record.ts'
import { presentOf } from '../../../shared/rollout/rollout-state.ts'
import type { LiveRun } from '../../run/ports-of.ts'
import type { Session } from '../../session.ts'
import { linesOf } from '../../streams.ts'

/** The questions of a run, and the one that waits for an answer now, as it stands on the terminal. */
interface Questions extends Pick<LiveRun, 'ask' | 'confirmStep'> {
  readonly open: () => string | undefined
}

/** The questions that a run may ask where a person sits at a terminal; none elsewhere. Throws `usage` where there must be one. */
export function questionsOf(session: Session, confirmsSteps: boolean): Questions {
  let open: string | undefined
  const { stdin, stderr } = session.streams
  if (stdin.isTTY !== true || stderr.isTTY !== true) {
    if (!confirmsSteps) return { open: () => undefined }
    throw new CanaryError('usage', '--confirm needs a terminal', {
      hints: [
        'In a pipeline, use --gate URL, or --promote confirm to wait for a person after the last step.',
      ],
    })
  }
  const answers = linesOf(stdin)
  const ask = async (question: string): Promise<boolean> => {
    open = `${question} [y/N] `
    stderr.write(open)
    const { value } = await answers.next()
    open = undefined
    return /^y(es)?$/i.test(String(value ?? '').trim())
  }
  return {
    open: () => open,
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
