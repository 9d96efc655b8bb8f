import type { CumulativeCount } from '../../statistics/slower.ts'
import { windowsOf } from '../measuring/windows.ts'
import { measurementOf, type PlayedService, type VersionCounters } from '../synthetic/played-service.ts'
import type { RecordedCounts, TrafficRecording } from './recording.ts'

/** Whose requests are played. */
export interface PlayedVersions {
  readonly version: string
  readonly stable: string
}

/** When a recording begins: its first counts are of the interval before their time; milliseconds since 1970. */
export const beginOf = ({ ticks, interval }: TrafficRecording): number => ticks[0]!.at - interval * 1000

/**
 * A service under recorded traffic, with the requests of each version as they were: the shares of a plan change nothing of
 * them. After the last time there is nothing to judge by.
 */
export function recordedService(
  recording: TrafficRecording,
  { version, stable }: PlayedVersions,
): PlayedService {
  const { ticks, interval } = recording
  const begin = beginOf(recording)
  const end = ticks.at(-1)!.at
  let now = begin
  let share = 0
  const summed = (name: string, seconds: number): VersionCounters =>
    sumOf(
      ticks
        .filter(({ at }) => at > now - seconds * 1000 && at <= now)
        .flatMap(({ counts }) => counts.get(name) ?? []),
    )
  return {
    advance: (to, routed) => {
      now = begin + to * 1000
      share = routed
    },
    measurement: (metric, since) => {
      if (now > end + interval * 1000)
        return { kind: 'nothing', detail: `the recording ends at ${new Date(end).toISOString()}` }
      const windows = windowsOf(metric, {
        scrapeInterval: { seconds: interval },
        since: new Date(begin + since * 1000),
        now: new Date(now),
      }).map(seconds => ({ seconds, version: summed(version, seconds), stable: summed(stable, seconds) }))
      return measurementOf(metric, windows, share >= 100)
    },
  }
}

/** Counts of a server are extrapolated, and statistics depend on whole numbers. */
function sumOf(counts: readonly RecordedCounts[]): VersionCounters {
  const total = (of: (one: RecordedCounts) => number): number =>
    Math.round(counts.reduce((sum, one) => sum + of(one), 0))
  const requests = total(one => one.requests)
  const buckets = counts.find(one => one.buckets !== undefined)?.buckets ?? []
  return {
    requests,
    failures: Math.min(
      requests,
      total(one => one.failures),
    ),
    buckets: buckets.map(({ le }, i): CumulativeCount => ({
      le,
      count: total(one => one.buckets?.[i]?.count ?? 0),
    })),
  }
}
