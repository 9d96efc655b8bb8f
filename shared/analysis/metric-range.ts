import { CanaryError } from '../objects/canary-error.ts'
import type { MetricSource } from './metric.ts'

/** What is acceptable of a metric, both ends included. */
export interface AcceptedRange {
  readonly min: number | undefined
  readonly max: number | undefined
}

/** Which ends a range may have: a success rate can only be too low, and a duration only too long. */
const ends: Readonly<Record<MetricSource['kind'], readonly (keyof AcceptedRange)[]>> = {
  'success-rate': ['min'],
  duration: ['max'],
  query: ['min', 'max'],
  webhook: [],
  job: [],
  'pod-failures': ['max'],
}

/** Throws a usage error for a range that a metric of this kind cannot have. */
export function checkRange(name: string, { kind }: MetricSource, range: AcceptedRange): void {
  checkEnds(name, kind, range)
  checkNumbers(name, kind, range)
  if (kind === 'query' && range.min === undefined && range.max === undefined)
    throw unfit(`metric ${name} has neither min nor max`, 'Give the range that is acceptable.')
}

function checkEnds(name: string, kind: MetricSource['kind'], range: AcceptedRange): void {
  const wrong = (['min', 'max'] as const).find(end => range[end] !== undefined && !ends[kind].includes(end))
  if (wrong !== undefined)
    throw unfit(
      `metric ${name} takes no ${wrong}`,
      ends[kind].length === 0
        ? 'It passes or fails by itself: leave min and max out.'
        : `It takes ${ends[kind].join(' and ')}.`,
    )
}

function checkNumbers(name: string, kind: MetricSource['kind'], { min, max }: AcceptedRange): void {
  const known = [min, max].filter(end => end !== undefined)
  const example = kind === 'success-rate' ? 'min=99' : 'max=500'
  if (!known.every(end => Number.isFinite(end)))
    throw unfit(`the range of metric ${name} is not a number`, `Example: ${example}`)
  if (kind === 'success-rate' && known.some(end => end < 0 || end > 100))
    throw unfit(`min=${min} of metric ${name} is not a percentage`, 'Give 0 to 100: min=99')
  if (kind !== 'query' && known.some(end => end < 0))
    throw unfit(`max=${max} of metric ${name} is below 0`, `Example: ${example}`)
  const [least, greatest] = known
  if (least !== undefined && greatest !== undefined && least > greatest)
    throw unfit(`min=${least} of metric ${name} is above max=${greatest}`, 'Exchange them.')
}

/** A usage error about a metric. */
export const unfit = (message: string, hint: string): CanaryError =>
  new CanaryError('usage', message, { hints: [hint] })
