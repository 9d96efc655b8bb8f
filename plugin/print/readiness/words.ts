import { keyOf } from '../../../shared/objects/kube-object.ts'
import type { CheckOutcome, ReadinessReport } from '../../../shared/readiness/judge-readiness.ts'
import type { ReadinessState } from '../../../shared/readiness/check.ts'

type ReadyWord = 'ready' | 'not ready' | 'cannot tell'

/** Whether a service is ready, by the worst of its checks: it is unknown for one that does not exist, or whose pods do not. */
export const verdictOf = ({ state, checks }: ReadinessReport): ReadyWord =>
  state === 'fail'
    ? 'not ready'
    : checks.some(({ id, state: each }) => id === 'workload-service' && each === 'unknown')
      ? 'cannot tell'
      : 'ready'

/** A state as a reader of a table takes it. */
export const stateWords: Readonly<Record<ReadinessState, string>> = {
  fail: 'fail',
  warn: 'warn',
  unknown: 'cannot tell',
  pass: 'pass',
}

/** `Service shop/catalog`, and the places that it is about where there are others: `Service shop/catalog in k8s/dev`. */
export const nameOfReport = ({ ref, places }: ReadinessReport): string =>
  `${keyOf(ref)}${places === undefined ? '' : ` in ${places.join(', ')}`}`

/** How many checks ended in a state. */
export const countOf = (checks: readonly CheckOutcome[], state: ReadinessState): number =>
  checks.filter(check => check.state === state).length

/** `1 fail, 2 warn, 15 pass`. */
export const formatStates = (checks: readonly CheckOutcome[]): string =>
  (['fail', 'warn', 'unknown', 'pass'] as const)
    .map(state => ({ state, count: countOf(checks, state) }))
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => `${count} ${stateWords[state]}`)
    .join(', ')
