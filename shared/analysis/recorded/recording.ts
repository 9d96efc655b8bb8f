import { fieldsOf, isFields, textOf } from '../../objects/unchecked.ts'
import type { CumulativeCount } from '../../statistics/slower.ts'

/** What was counted of one version since the time before. */
export interface RecordedCounts {
  readonly requests: number
  readonly failures: number
  /** Undefined where the recording has no durations. */
  readonly buckets?: readonly CumulativeCount[]
}

/** Requests that were counted once, by version. */
export interface TrafficRecording {
  /** Of each time in milliseconds since 1970, in order. */
  readonly ticks: readonly { readonly at: number; readonly counts: ReadonlyMap<string, RecordedCounts> }[]
  /** From one time to the next: the shortest; seconds. */
  readonly interval: number
  readonly versions: readonly string[]
  readonly hasDurations: boolean
}

/** Why a text is no recording, and in which of its lines, from 1. */
export class RecordingError extends Error {
  readonly line: number

  constructor(line: number, message: string) {
    super(message)
    this.line = line
  }
}

/** What the lines of one version at one time say together. */
interface Tick {
  readonly line: number
  readonly at: number
  readonly version: string
  requests?: number
  failures?: number
  readonly buckets: Map<number, number>
}

/**
 * Reads a recording: a JSON object per line, with `time` (RFC 3339, or seconds since 1970), `version`, and any of
 * `requests`, `failures` and `buckets`, counted since the time before. Lines of the same time and version add to each
 * other, and their order does not matter. Throws a RecordingError for anything else.
 */
export function parseRecording(text: string): TrafficRecording {
  const ticks = new Map<string, Tick>()
  for (const [i, line] of text.split('\n').entries()) if (line.trim() !== '') addLine(ticks, line, i + 1)
  const all = [...ticks.values()]
  if (all.length === 0) throw new RecordingError(1, 'there is no line with requests')
  const hasDurations = all.some(({ buckets }) => buckets.size > 0)
  const bounds = hasDurations ? boundsOf(all) : []
  const byTime = Map.groupBy(all, ({ at }) => at)
  const times = [...byTime.keys()].toSorted((one, other) => one - other)
  const gaps = times.slice(1).map((at, i) => at - times[i]!)
  if (gaps.length === 0)
    throw new RecordingError(
      all[0]!.line,
      'there is one time alone, and two are needed to know what is between them',
    )
  return {
    ticks: times.map(at => ({
      at,
      counts: new Map(byTime.get(at)!.map(tick => [tick.version, countsOf(tick, bounds)] as const)),
    })),
    interval: Math.min(...gaps) / 1000,
    versions: [...new Set(all.map(({ version }) => version))].toSorted(),
    hasDurations,
  }
}

const known = ['time', 'version', 'requests', 'failures', 'buckets']

function addLine(ticks: Map<string, Tick>, text: string, line: number): void {
  const fields = objectIn(text, line)
  const unknown = Object.keys(fields).find(key => !known.includes(key))
  if (unknown !== undefined)
    throw new RecordingError(line, `${JSON.stringify(unknown)} is none of ${known.join(', ')}`)
  const at = timeOf(fields['time'], line)
  const version = textOf(fields['version'])
  if (version === undefined) throw new RecordingError(line, 'it has no version')
  const key = `${at} ${version}`
  const tick: Tick = ticks.get(key) ?? { line, at, version, buckets: new Map() }
  ticks.set(key, tick)
  for (const name of ['requests', 'failures'] as const) {
    if (fields[name] === undefined) continue
    if (tick[name] !== undefined) throw twice(line, name, tick)
    tick[name] = countIn(fields[name], name, line)
  }
  addBuckets(tick, fields['buckets'], line)
}

function addBuckets(tick: Tick, buckets: unknown, line: number): void {
  if (buckets === undefined) return
  if (!isFields(buckets)) throw new RecordingError(line, 'buckets is not an object of bounds and counts')
  for (const [bound, count] of Object.entries(buckets)) {
    const le = bound === '+Inf' ? Infinity : Number(bound.trim() === '' ? Number.NaN : bound)
    if (Number.isNaN(le))
      throw new RecordingError(line, `the bound ${JSON.stringify(bound)} is neither a number nor +Inf`)
    if (tick.buckets.has(le)) throw twice(line, `the bucket ${bound}`, tick)
    tick.buckets.set(le, countIn(count, `the bucket ${bound}`, line))
  }
}

function objectIn(text: string, line: number): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new RecordingError(line, 'it is not JSON')
  }
  if (!isFields(value)) throw new RecordingError(line, 'it is not a JSON object')
  return fieldsOf(value)
}

/** Milliseconds since 1970. */
function timeOf(value: unknown, line: number): number {
  const isText = typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)
  const at = typeof value === 'number' ? value * 1000 : isText ? Date.parse(value) : Number.NaN
  // What a Date can hold (ECMA-262, time values).
  if (Math.abs(at) <= 8.64e15) return Math.round(at)
  throw new RecordingError(line, 'its time is neither RFC 3339 nor seconds since 1970')
}

function countIn(value: unknown, name: string, line: number): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  throw new RecordingError(line, `${name} is not a number of requests`)
}

const twice = (line: number, name: string, { line: first }: Tick): RecordingError =>
  new RecordingError(line, `${name} of the same time and version is in a line from ${first} on already`)

/** The bounds that all histograms have in common. */
function boundsOf(ticks: readonly Tick[]): readonly number[] {
  const withBuckets = ticks.filter(({ buckets }) => buckets.size > 0)
  const bounds = [...withBuckets[0]!.buckets.keys()].toSorted((one, other) => one - other)
  for (const { line, buckets } of withBuckets) {
    if (!buckets.has(Infinity))
      throw new RecordingError(line, 'the bucket +Inf of its time and version is missing')
    if (buckets.size !== bounds.length || bounds.some(le => !buckets.has(le)))
      throw new RecordingError(
        line,
        `its buckets have other bounds than those of line ${withBuckets[0]!.line}`,
      )
    const falls = bounds.findIndex((le, i) => i > 0 && buckets.get(le)! < buckets.get(bounds[i - 1]!)! - 1e-6)
    if (falls > 0)
      throw new RecordingError(
        line,
        `the bucket ${bounds[falls]} counts less than the one of ${bounds[falls - 1]}: buckets are cumulative`,
      )
  }
  return bounds
}

function countsOf(
  { line, requests = 0, failures = 0, buckets }: Tick,
  bounds: readonly number[],
): RecordedCounts {
  if (failures > requests)
    throw new RecordingError(line, `it has ${failures} failures of ${requests} requests`)
  return {
    requests,
    failures,
    ...(bounds.length > 0 && { buckets: bounds.map(le => ({ le, count: buckets.get(le) ?? 0 })) }),
  }
}
