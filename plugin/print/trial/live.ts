import { roundPercent } from '../../../shared/routing/shares.ts'
import type { Paint } from '../colour.ts'
import { formatTable, indent } from '../table.ts'

/** Counts of real answers beside what is configured. */
export interface ShownComparison {
  readonly address: string
  readonly parts: readonly { readonly name: string; readonly count: number; readonly expected: number }[]
  readonly sent: number
  readonly failures: ReadonlyMap<string, number>
  readonly fit: {
    readonly statistic: number
    readonly degreesOfFreedom: number
    readonly p: number
    readonly isSound: boolean
  }
  readonly verdict: 'agrees' | 'differs' | 'cannot-tell'
}

/** `200 requests to 127.0.0.1:8080:`, a row for each version, and what follows. */
export function formatComparison(
  { address, parts, sent, failures, fit, verdict }: ShownComparison,
  paint: Paint,
): string {
  const answered = parts.reduce((sum, { count }) => sum + count, 0)
  const rows = parts.map(({ name, count, expected }) => [
    name,
    String(count),
    answered === 0 ? '-' : `${roundPercent((count * 100) / answered)} %`,
    `${roundPercent(expected * 100)} %`,
  ])
  const chance =
    fit.degreesOfFreedom > 0 && Number.isFinite(fit.statistic)
      ? ` (chi-squared ${fit.statistic.toFixed(2)}, ${fit.degreesOfFreedom} degrees of freedom, p = ${formatP(fit.p)})`
      : ''
  const paints = { agrees: paint.green, differs: paint.red, 'cannot-tell': paint.yellow }
  return [
    `${sent} requests to ${address}:`,
    indent(formatTable(['FROM', 'ANSWERS', 'SHARE', 'CONFIGURED'], rows), '  '),
    ...[...failures].map(([reason, count]) => `  no answer: ${count} (${reason})`),
    paints[verdict](`${sentences[verdict]}${chance}`),
    ...(verdict === 'cannot-tell' && answered > 0 && !fit.isSound ? [tooFew(parts)] : []),
  ].join('\n')
}

const sentences = {
  agrees: 'The answers agree with the configured shares.',
  differs: 'The answers differ from the configured shares.',
  'cannot-tell': 'Cannot tell whether the answers agree with the configured shares.',
} as const

const formatP = (p: number): string => (p < 0.001 ? '< 0.001' : p.toFixed(3))

/** Each version needs five expected answers. */
function tooFew(parts: ShownComparison['parts']): string {
  const least = Math.min(...parts.flatMap(({ expected }) => (expected > 0 ? [expected] : [])))
  return `A share of ${roundPercent(least * 100)} % needs at least ${Math.ceil(5 / least)} requests: add --count ${Math.ceil(5 / least)}.`
}

/** The same as data. */
export const comparisonDataOf = ({ failures, fit, ...rest }: ShownComparison): object => ({
  ...rest,
  failures: Object.fromEntries(failures),
  chiSquared: { ...fit, statistic: Number.isFinite(fit.statistic) ? fit.statistic : null },
})
