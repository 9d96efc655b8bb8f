import { formatTrialShares, type Mismatch } from '../../../shared/trial/expectation.ts'
import { isUndecided, type Trial } from '../../../shared/trial/trial.ts'
import type { Paint } from '../colour.ts'
import { formatUnknownWeight } from '../services/shares.ts'
import { plainCell } from '../table.ts'
import { formatRejection } from '../unreached.ts'
import { formatRoute } from './considered.ts'
import { formatRequest, leavesMesh, reasonsOf } from './trial.ts'

/** `expected v2, got v1`, or why no version gets the request. */
export function formatMismatch(trial: Trial, { expected, actual }: Mismatch): string {
  if (trial.rejected !== undefined) return `expected ${expected}, but ${formatRejection(trial.rejected)}`
  if (!isNowhere(trial)) return `expected ${expected}, got ${actual}`
  return `expected ${expected}, but ${nowhere(trial, { left: 'the request leaves the mesh', unanswered: 'there is no answer' })}`
}

/** The same request before and after a change. */
export function formatTrialDiff(before: Trial, after: Trial, paint: Paint): string {
  const line = (word: string, trial: Trial): string =>
    [
      `${word}  ${formatOutcome(trial)}`,
      ...(trial.decision.route === undefined ? [] : [paint.dim(`by ${formatRoute(trial.decision.route)}`)]),
      ...(trial.cohort === undefined ? [] : [paint.dim(`cohort ${trial.cohort}`)]),
      ...(trial.rejected === undefined ? [] : [`not in effect: ${formatRejection(trial.rejected)}`]),
    ].join('  ')
  return [
    paint.bold(formatRequest(after)),
    '',
    line('before', before),
    line('after ', after),
    ...(formatOutcome(before) === formatOutcome(after) ? ['unchanged'] : []),
  ]
    .map(plainCell)
    .join('\n')
}

/** `v1 90 %, v2 10 %`, or why no version gets the request. */
const formatOutcome = (trial: Trial): string =>
  isNowhere(trial)
    ? nowhere(trial, { left: 'leaves the mesh', unanswered: 'no answer' })
    : formatTrialShares(trial.shares)

const isNowhere = (trial: Trial): boolean => isUndecided(trial) || trial.shares.length === 0

function nowhere(
  trial: Trial,
  { left, unanswered }: { readonly left: string; readonly unanswered: string },
): string {
  const { unknownWeight } = trial.decision
  const what = isUndecided(trial) ? 'cannot tell' : leavesMesh(trial) ? left : unanswered
  if (unknownWeight !== undefined) return formatUnknownWeight(unknownWeight)
  const [why] = reasonsOf(trial)
  return why === undefined ? what : `${what} (${asPart(why)})`
}

/** A sentence as a part of another one. */
const asPart = (sentence: string): string =>
  sentence.replace(/^(Nothing|No|The)\b/, word => word.toLowerCase()).replace(/\.$/, '')
