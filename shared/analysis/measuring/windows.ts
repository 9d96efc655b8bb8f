import { windowOf, type ScrapeInterval } from '../../metrics/scrape-interval.ts'
import type { AnalysisMetric } from '../metric.ts'

/** Counting over a longer time costs the server much and tells little of now. */
const longestWindow = 3600

/** When a step began, and what limits a window. */
export interface MeasuredTime {
  readonly scrapeInterval: Pick<ScrapeInterval, 'seconds'>
  /** When the present step began. */
  readonly since: Date
  readonly now: Date
}

/**
 * The windows of a metric in seconds: its own, and as a second one the whole step where that is longer. None
 * reaches back into the step before, whose requests were other ones, unless two scrape intervals do.
 */
export function windowsOf(
  { window }: Pick<AnalysisMetric, 'window'>,
  { scrapeInterval, since, now }: MeasuredTime,
): readonly number[] {
  const elapsed = Math.max(0, Math.floor((now.getTime() - since.getTime()) / 1000))
  const recent = windowOf(Math.min(window, elapsed), scrapeInterval)
  const wholeStep = Math.min(elapsed, Math.max(longestWindow, window))
  return wholeStep >= recent + scrapeInterval.seconds ? [recent, wholeStep] : [recent]
}
