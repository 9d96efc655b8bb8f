import { enumerated } from '../objects/text/listed.ts'
import { fieldsOf, itemsOf, textOf } from '../objects/unchecked.ts'
import type { Share, UnknownTarget } from './traffic.ts'

/** What sums of parts may be off by. */
const rounding = 1e-6

/**
 * A share as people read it, in percent with at most one decimal: what two of three get is 66.7. What gets something is
 * never 0, and what does not get everything never 100.
 */
export function roundPercent(percent: number): number {
  const rounded = Math.round(percent * 10) / 10
  if (rounded === 0 && percent > 0) return 0.1
  return rounded === 100 && percent < 100 - rounding ? 99.9 : rounded
}

/** `66.7 %`. */
export const formatPercent = (percent: number): string => `${roundPercent(percent)} %`

/** `v1 90 %, v2 10 %`; a version that takes everything needs no figure. */
export function formatShares(shares: readonly Share[]): string {
  const taking = shares.filter(({ percent }) => percent > 0)
  if (taking.length === 0) return 'nobody'
  return taking
    .map(
      share =>
        [share.version, ...(taking.length === 1 ? [] : [formatPercent(share.percent)])].join(' ')
        + formatFault(share),
    )
    .join(', ')
}

/** What the files leave open, as people read it. */
const unknowns: Readonly<Record<UnknownTarget, string>> = {
  'destination-rule': 'no DestinationRule for it in the files',
  placeholder: 'its name is a placeholder',
}

/** `cannot tell: no DestinationRule for it in the files`. */
export const formatUnknown = (unknown: UnknownTarget): string => `cannot tell: ${unknowns[unknown]}`

/** ` (503, undefined-subset)` where the requests are not answered, ` (connection closed, undefined-subset)` for connections. */
export function formatFault({
  fault,
  faultStatus = 503,
  closes,
  failsFor,
  unknown,
}: Pick<Share, 'fault' | 'faultStatus' | 'closes' | 'failsFor' | 'unknown'>): string {
  if (unknown !== undefined) return ` (${formatUnknown(unknown)})`
  const what = closes === true ? 'connection closed' : faultStatus
  if (fault !== undefined) return ` (${what}, ${fault})`
  return failsFor === undefined
    ? ''
    : ` (${what} for callers in ${enumerated(failsFor.callers, failsFor.callers.length)}, ${failsFor.rule})`
}

/** Where a cohort's requests go: `v2`, or `v2 50 %, v1 50 %`. */
export const formatCohortTo = ({
  to,
  shares,
}: {
  readonly to: string
  readonly shares?: readonly Share[] | undefined
}): string => (shares === undefined ? to : formatShares(shares))

/**
 * The first weight of several destinations that is a text: a placeholder of a file, as `${WEIGHT}`. The definitions of
 * routes take no text there, so that no object of a cluster has one.
 */
export function unknownWeightOf(destinations: unknown): { readonly unknownWeight?: string } {
  const weighted = itemsOf(destinations)
  const weights = weighted.length === 1 ? [] : weighted.map(one => textOf(fieldsOf(one)['weight']))
  const text = weights.find(weight => weight !== undefined)
  return text === undefined ? {} : { unknownWeight: text }
}
