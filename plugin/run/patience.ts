import { CanaryError } from '../../shared/objects/canary-error.ts'
import { serviceWord } from '../../shared/objects/text/kubectl-commands.ts'
import type { RolloutRecord } from '../../shared/rollout/rollout-record.ts'
import { presentOf } from '../../shared/rollout/rollout-state.ts'
import { routesOfRun } from '../../shared/rollout/run-words.ts'

/** Those of a server that answers: a right or a rule has to be changed before it says something else. */
const refusals: readonly CanaryError['code'][] = ['unauthorized', 'forbidden', 'rejected']
/** Whether an error is one. */
export const isRefusal = ({ code }: CanaryError): boolean => refusals.includes(code)

/** Before its first step, nobody gets the version, and somebody waits at the command; in milliseconds. */
const firstPatience = 60_000

/** How long refusals are waited out, in milliseconds: as long as a run may be without data. */
export const patienceOf = ({ state, plan }: RolloutRecord): number =>
  state.stage === 0 && presentOf(state).since === undefined ? firstPatience : plan.noDataDeadline * 1000

/** The error of a run that has waited long enough. */
export function givenUp(record: RolloutRecord, error: CanaryError): CanaryError {
  const { service, namespace, version, state, plan } = record
  const named = `${serviceWord(service)} -n ${namespace}`
  const step = `step ${state.stage + 1} of ${plan.stages.length}`
  return new CanaryError(error.code, `the run of ${version} cannot continue at ${step}: ${error.message}`, {
    cause: error,
    hints: [
      ...error.hints,
      `To continue it then: kubectl canary run ${named} --resume`,
      `To end it and send everything back to stable: kubectl canary abort ${routesOfRun(record)}`,
    ],
  })
}
