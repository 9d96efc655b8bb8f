import type { FailureRate, Figures, Reporter, ResponseRate } from './figures.ts'
import { digits, figuresOf, successOf } from './figures.ts'
import type { PrometheusSeries } from './prometheus/prometheus-api.ts'
import type { HistogramBucket } from './quantile.ts'
import { sampleOf } from './prometheus/read-answer.ts'
import { isFailure } from './success.ts'
import { ownerOf, workloadOf, type SeriesOwner, type VersionIdentity } from './version-of-series.ts'

/** The series of one service, as the server gave them. */
export interface ServiceSeries {
  readonly requests: readonly PrometheusSeries[]
  readonly durations: readonly PrometheusSeries[]
  /** Those that were sent nowhere. */
  readonly unrouted: readonly PrometheusSeries[]
}

/** Whose series they are: a version by its name, `no pod`, or `other`. */
export interface OwnedFigures {
  readonly reporter: Reporter
  readonly version?: string
  readonly why?: 'none' | 'other' | 'ambiguous'
  readonly figures: Figures
  /** `shop/catalog-old`. */
  readonly workloads: readonly string[]
}

/** Answers of one kind, whose they are and who counted them. */
export interface OwnedResponse extends ResponseRate {
  readonly key: string
  readonly owner: SeriesOwner
  readonly reporter: Reporter
  readonly workload: string | undefined
}

/** The figures of each version, and of what belongs to none, for each kind of proxy that reports. */
export function attributed(
  identities: readonly VersionIdentity[],
  series: ServiceSeries,
  window: number,
): readonly OwnedFigures[] {
  const responses = ownedResponses(identities, series)
  const buckets = Map.groupBy(ownedBuckets(identities, series.durations), ({ key }) => key)
  return [...Map.groupBy(responses, ({ key }) => key)].map(([key, same]) => {
    const { owner, reporter } = same[0]!
    return {
      reporter,
      ...(owner.version === undefined ? { why: owner.why } : { version: owner.version }),
      figures: figuresOf(same, buckets.get(key) ?? [], window),
      workloads: [...new Set(same.flatMap(({ workload }) => workload ?? []))].toSorted(),
    }
  })
}

/** The answers of a service with their owners; the values are those of the query: rates, or numbers. */
export const ownedResponses = (
  identities: readonly VersionIdentity[],
  { requests, unrouted }: Pick<ServiceSeries, 'requests' | 'unrouted'>,
): readonly OwnedResponse[] => [
  ...requests.flatMap(one => responseOf(identities, one)),
  // What was sent nowhere was decided by the caller's proxy.
  ...unrouted.flatMap(one => responseOf([], one)),
]

/** The buckets of a service with their owners. */
export const ownedBuckets = (
  identities: readonly VersionIdentity[],
  durations: readonly PrometheusSeries[],
): readonly OwnedBucket[] => durations.flatMap(one => bucketOf(identities, one))

/** A bucket, whose it is and who counted it. */
export interface OwnedBucket extends HistogramBucket {
  readonly key: string
  readonly owner: SeriesOwner
  readonly reporter: Reporter
}

function responseOf(
  identities: readonly VersionIdentity[],
  { labels, points }: PrometheusSeries,
): readonly OwnedResponse[] {
  const rate = points.at(-1)?.[1]
  if (rate === undefined) return []
  const { response_code: code = '', grpc_response_status: grpc = '', response_flags: flags = '' } = labels
  const reporter = reporterOf(labels['reporter'])
  const found = ownerOf(identities, labels)
  // An answer of a pod whose proxy tells nothing of itself did reach a pod.
  const isAnswered = found.version === undefined && found.why === 'none' && !isFailure({ code, grpc })
  const owner: SeriesOwner = isAnswered ? { why: 'other' } : found
  return [
    {
      code,
      grpc,
      flags,
      rate,
      owner,
      reporter,
      key: keyOf(reporter, owner),
      workload: workloadOf(labels),
    },
  ]
}

function bucketOf(
  identities: readonly VersionIdentity[],
  { labels, points }: PrometheusSeries,
): readonly OwnedBucket[] {
  const le = sampleOf(labels['le'] ?? '')
  const rate = points.at(-1)?.[1]
  if (le === undefined || rate === undefined) return []
  const reporter = reporterOf(labels['reporter'])
  const owner = ownerOf(identities, labels)
  return [{ le, rate, owner, reporter, key: keyOf(reporter, owner) }]
}

const keyOf = (reporter: Reporter, owner: SeriesOwner): string =>
  `${reporter} ${owner.version === undefined ? `: ${owner.why}` : owner.version}`

/** What was sent nowhere has no reporter: it is asked of callers and waypoints alone. */
const reporterOf = (label: string | undefined): Reporter =>
  label === 'destination' || label === 'waypoint' ? label : 'source'

/** Several figures as one, without quantiles, which do not add up. */
export function addedUp(all: readonly Figures[]): Figures {
  const rps = all.reduce((sum, one) => sum + one.rps, 0)
  const failed = all.reduce((sum, one) => sum + one.failures.reduce((some, { rps }) => some + rps, 0), 0)
  const failures = Map.groupBy(
    all.flatMap(one => one.failures),
    ({ code, grpc, flags }) => `${code} ${grpc} ${flags}`,
  )
  return {
    rps: digits(rps),
    requests: all.reduce((sum, one) => sum + one.requests, 0),
    ...(rps > 0 && { success: successOf(rps, failed) }),
    failures: [...failures.values()].map((same): FailureRate => ({
      ...same[0]!,
      rps: digits(same.reduce((sum, one) => sum + one.rps, 0)),
    })),
  }
}
