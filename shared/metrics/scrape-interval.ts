import { parseDuration } from '../objects/text/parse-duration.ts'
import type { PrometheusFailure } from './prometheus/prometheus-api.ts'
import type { PrometheusClient } from './prometheus/prometheus-client.ts'
import { scrapesCountedOver, scrapesQuery } from './queries.ts'

/** How often the metrics are scraped, in seconds, and how that is known. */
export interface ScrapeInterval {
  readonly seconds: number
  /** Counted on the series, read from the server's configuration, or Prometheus's usual 15 s. */
  readonly from: 'series' | 'configuration' | 'assumed'
}

const assumedInterval = 15

/**
 * The scrape interval of the series of some hosts: counted where they are old enough, else the global one of the
 * server's configuration, else 15 s. Fails where the server does not answer the first question.
 */
export async function readScrapeInterval(
  client: PrometheusClient,
  hosts: readonly string[],
): Promise<ScrapeInterval | PrometheusFailure> {
  const counted = await client.instant(scrapesQuery(hosts))
  if (counted.failure !== undefined) return counted.failure
  const count = counted.data[0]?.points[0]?.[1]
  if (count !== undefined && count >= 1)
    return { seconds: rounded(scrapesCountedOver / count), from: 'series' }
  const config = await client.config()
  const seconds = config.failure === undefined ? globalIntervalOf(config.data) : undefined
  return seconds === undefined
    ? { seconds: assumedInterval, from: 'assumed' }
    : { seconds, from: 'configuration' }
}

const rounded = (seconds: number): number => (seconds < 2 ? seconds : Math.round(seconds))

const promUnits = { d: 86_400_000, w: 604_800_000, y: 31_536_000_000 }

/** `global.scrape_interval` of a configuration as the server prints it, in seconds. */
export function globalIntervalOf(yaml: string): number | undefined {
  const [, section = ''] = /^global:[^\S\n]*\n((?:[^\S\n]+.*(?:\n|$))*)/m.exec(yaml) ?? []
  const [, text] = /^\s+scrape_interval:\s*["']?([\w.]+)/m.exec(section) ?? []
  const milliseconds = text === undefined ? undefined : parseDuration(text, promUnits)
  return milliseconds !== undefined && milliseconds > 0 ? milliseconds / 1000 : undefined
}

/**
 * The window of a rate, in whole seconds: what is wanted, and never less than two scrape intervals, without which
 * most windows hold no two samples.
 */
export const windowOf = (wanted: number, { seconds }: Pick<ScrapeInterval, 'seconds'>): number =>
  Math.ceil(Math.max(wanted, 2 * seconds))
