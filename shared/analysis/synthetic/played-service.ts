import type { CumulativeCount } from '../../statistics/slower.ts'
import type { Measurement, SamplePair, SampleWindow } from '../measurement.ts'
import type { AnalysisMetric } from '../metric.ts'

/** Counters of one version, as its proxies have them since the begin. */
export interface VersionCounters {
  readonly requests: number
  readonly failures: number
  readonly buckets: readonly CumulativeCount[]
}

/** Those of both versions. */
export type CounterPair = Readonly<Record<'version' | 'stable', VersionCounters>>

/** A service whose requests are not real, or were once. */
export interface PlayedService {
  /** Lets time pass up to a second, with so many percent of the requests routed to the version. */
  advance(to: number, share: number): void
  /** What `measure` gives of a metric, in a step that began at a second; a query has no value. */
  measurement(metric: AnalysisMetric, since: number): Measurement
}

/** What was counted in each window, as the measurement of a metric; a metric of another kind has no value. */
export function measurementOf(
  { source, name }: AnalysisMetric,
  counted: readonly ({ readonly seconds: number } & CounterPair)[],
  isAlone: boolean,
): Measurement {
  const windows = <Sample>(sample: (counters: VersionCounters) => Sample): readonly SampleWindow<Sample>[] =>
    counted.map(({ seconds, version, stable }) => ({
      seconds,
      pairs: [
        {
          countedBy: 'clients',
          version: sample(version),
          stable: sample(stable),
        } satisfies SamplePair<Sample>,
      ],
    }))
  if (source.kind === 'success-rate')
    return {
      kind: 'requests',
      windows: windows(({ requests, failures }) => ({ requests, failures })),
      isAlone,
    }
  return source.kind === 'duration'
    ? { kind: 'durations', windows: windows(({ buckets }) => ({ buckets })), isAlone }
    : { kind: 'nothing', detail: `the traffic has no ${name}` }
}
