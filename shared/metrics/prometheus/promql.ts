/**
 * A string as PromQL writes it: Go's rules, which take every escape of JSON's
 * (https://prometheus.io/docs/prometheus/latest/querying/basics/#string-literals).
 */
export const quoted = (text: string): string => JSON.stringify(text.toWellFormed())

/** Text that an RE2 regular expression takes literally, as Go's `regexp.QuoteMeta` has it. */
export const literal = (text: string): string => text.replaceAll(/[\\.+*?()|[\]{}^$]/g, String.raw`\$&`)

/** `label="a"`, or for several values `label=~"a|b"`: a regular expression is anchored at both ends. */
export function isOneOf(label: string, values: readonly string[]): string {
  const distinct = [...new Set(values)].toSorted()
  const [first] = distinct
  if (first === undefined) throw new TypeError(`${label} needs a value`)
  return distinct.length === 1
    ? `${label}=${quoted(first)}`
    : `${label}=~${quoted(distinct.map(literal).join('|'))}`
}

/** A duration in seconds as PromQL writes it: `90s`, `1500ms`. */
export const formatWindow = (seconds: number): string =>
  Number.isInteger(seconds) ? `${seconds}s` : `${Math.round(seconds * 1000)}ms`

/** `sum by (a, b) (rate(metric{matchers}[60s]))`. */
export const summedRate = ({ by, metric, matchers, window }: RateQuery): string =>
  `sum by (${by.join(', ')}) (rate(${metric}{${matchers.join(', ')}}[${formatWindow(window)}]))`

/**
 * How often counters were raised within a window, as numbers and not as rates, for samples that statistics depend on.
 *
 * The range is one scrape interval longer than the window, so that the samples in it span the window: `increase` of the
 * window itself adds up to a scrape interval that nobody has seen. A series that is new on a proxy that was scraped before
 * counts whole: its first value is that of requests, which `rate` leaves out, and which is all there is of a rare error.
 */
export const summedCount =
  (scrapeSeconds: number) =>
  ({ by, metric, matchers, window }: RateQuery): string => {
    const series = `${metric}{${matchers.join(', ')}}`
    const range = formatWindow(window + scrapeSeconds)
    const before = `${series} offset ${range}`
    const fresh = `${series} unless ${before} and on (job, instance) ${before}`
    return `sum by (${by.join(', ')}) (${fresh} or rate(${series}[${range}]) * ${window})`
  }

/** What is summed, of which series, over which window in seconds. */
export interface RateQuery {
  readonly by: readonly string[]
  readonly metric: string
  readonly matchers: readonly string[]
  readonly window: number
}
