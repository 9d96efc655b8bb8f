import type { MetricCheck, VerdictReason } from '../check-result.ts'

/** How sure it is that something is wrong: not at all, perhaps, or at least as sure as was asked. */
export type Evidence = 'none' | 'suspected' | 'proven'

/** What is known of one sample of a version, beside that of stable. */
export interface SampleEvidence {
  /** That the version is out of its range. */
  readonly outOfRange: Evidence
  readonly side: 'below-min' | 'above-max'
  /** That it is worse than stable; left out where they are not compared. */
  readonly worse?: Evidence
  readonly isStableOutOfRange: boolean
  /** Whether there are as many requests as are needed, and whether so many failed that fewer will do. */
  readonly sample: 'enough' | 'few' | 'few-but-clear'
  /** There is no range, and stable has too few requests to compare with. */
  readonly hasNoMeasure: boolean
}

type VerdictPart = Pick<MetricCheck, 'verdict' | 'reason'>

/**
 * The verdict that evidence allows. Nothing fails on a suspicion, and nothing passes with one: more requests decide. What
 * is out of range as stable is, and not worse, is not the fault of the version.
 */
export function verdictOf(evidence: SampleEvidence): VerdictPart {
  const { outOfRange, side, worse, isStableOutOfRange, sample, hasNoMeasure } = evidence
  if (sample === 'few' || hasNoMeasure) return noData('too-few-requests')
  const isShared = isStableOutOfRange && worse !== undefined && worse !== 'proven'
  if (isShared && outOfRange !== 'none') return noData('stable-out-of-range')
  if (outOfRange === 'proven') return { verdict: 'fail', reason: side }
  if (sample === 'few-but-clear') return noData('too-few-requests')
  if (worse === 'proven') return { verdict: 'fail', reason: 'worse-than-stable' }
  if (outOfRange === 'suspected' || worse === 'suspected') return noData('inconclusive')
  return { verdict: 'pass', reason: 'in-range' }
}

const noData = (reason: VerdictReason): VerdictPart => ({ verdict: 'no-data', reason })

/**
 * The worse one comes first: a proof, then a suspicion, then what says nothing against the version, and last what says
 * nothing.
 */
const order: readonly VerdictReason[] = [
  'below-min',
  'above-max',
  'worse-than-stable',
  'inconclusive',
  'stable-out-of-range',
  'in-range',
  'too-few-requests',
]

/** The worst of several results; undefined where there are none. */
export const worstOf = <Result extends VerdictPart>(results: readonly Result[]): Result | undefined =>
  results.toSorted((one, other) => order.indexOf(one.reason) - order.indexOf(other.reason))[0]
