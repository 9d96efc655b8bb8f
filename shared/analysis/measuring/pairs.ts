import type { OwnedBucket, OwnedResponse } from '../../metrics/attribute.ts'
import type { Reporter } from '../../metrics/figures.ts'
import { isFailure } from '../../metrics/success.ts'
import type { SeriesOwner } from '../../metrics/version-of-series.ts'
import type { CountedBy, DurationSample, RequestSample, SamplePair } from '../measurement.ts'
import { meantForVersion, type UnreachedScope } from './without-pod.ts'

/** Which two versions are measured, and what tells for which of them requests were that reached no pod. */
export interface PairScope {
  readonly version: string
  readonly stable: string
  readonly share: number | undefined
  readonly pods: UnreachedScope['pods']
}

interface Owned {
  readonly owner: SeriesOwner
  readonly reporter: Reporter
}

const isOf =
  (reporter: Reporter, version: string) =>
  ({ owner, reporter: by }: Owned): boolean =>
    by === reporter && owner.version === version

/** Callers or waypoints, whichever counted more of the two versions: a request that passes both is counted by both. */
function clientsOf(responses: readonly OwnedResponse[], { version, stable }: PairScope): Reporter {
  const counted = (reporter: Reporter): number =>
    requestsIn(responses.filter(one => isOf(reporter, version)(one) || isOf(reporter, stable)(one)))
  return counted('waypoint') > counted('source') ? 'waypoint' : 'source'
}

const requestsIn = (responses: readonly OwnedResponse[]): number =>
  responses.reduce((sum, { rate }) => sum + (Number.isFinite(rate) && rate > 0 ? rate : 0), 0)

/** The requests of both versions by who counted them; none of who knows nothing of the version. */
export function requestPairs(
  responses: readonly OwnedResponse[],
  scope: PairScope,
): readonly SamplePair<RequestSample>[] {
  const clients = clientsOf(responses, scope)
  const [seen, atPods] = ([clients, 'destination'] as const).map(reporter => ({
    version: sampleOf(responses.filter(isOf(reporter, scope.version))),
    stable: sampleOf(responses.filter(isOf(reporter, scope.stable))),
  }))
  const unreached = responses.filter(
    one => one.reporter === clients && one.owner.version === undefined && one.owner.why === 'none',
  )
  return [
    ...pairOf('clients', withUnreached(seen!, Math.round(requestsIn(unreached.filter(isFailure))), scope)),
    ...pairOf('pods', atPods!),
  ]
}

type SampleSides = Readonly<Record<'version' | 'stable', RequestSample | undefined>>

function sampleOf(responses: readonly OwnedResponse[]): RequestSample | undefined {
  if (responses.length === 0) return undefined
  const failures = Math.round(requestsIn(responses.filter(isFailure)))
  return { requests: failures + Math.round(requestsIn(responses.filter(one => !isFailure(one)))), failures }
}

function withUnreached(sides: SampleSides, unreached: number, { share, pods }: PairScope): SampleSides {
  const own = meantForVersion({
    unreached,
    version: sides.version?.requests ?? 0,
    stable: sides.stable?.requests ?? 0,
    share,
    pods,
  })
  return { version: added(sides.version, own), stable: added(sides.stable, unreached - own) }
}

const added = (sample: RequestSample | undefined, noPod: number): RequestSample | undefined =>
  noPod === 0
    ? sample
    : {
        requests: (sample?.requests ?? 0) + noPod,
        failures: (sample?.failures ?? 0) + noPod,
        noPod,
      }

/** The durations of both versions by who counted them. */
export function durationPairs(
  buckets: readonly OwnedBucket[],
  scope: PairScope,
): readonly SamplePair<DurationSample>[] {
  const histogram = (reporter: Reporter, version: string) =>
    histogramOf(buckets.filter(isOf(reporter, version)))
  const all = (reporter: Reporter): number =>
    [scope.version, scope.stable].reduce(
      (sum, version) => sum + (histogram(reporter, version)?.buckets.at(-1)?.count ?? 0),
      0,
    )
  const clients = all('waypoint') > all('source') ? 'waypoint' : 'source'
  return (
    [
      ['clients', clients],
      ['pods', 'destination'],
    ] as const
  ).flatMap(([by, reporter]) =>
    pairOf(by, {
      version: histogram(reporter, scope.version),
      stable: histogram(reporter, scope.stable),
    }),
  )
}

/** In order of the bounds, in whole numbers; what falls by a lost scrape does not count. */
function histogramOf(buckets: readonly OwnedBucket[]): DurationSample | undefined {
  if (buckets.length === 0) return undefined
  const byBound = new Map<number, number>()
  for (const { le, rate } of buckets)
    if (Number.isFinite(rate)) byBound.set(le, (byBound.get(le) ?? 0) + rate)
  let most = 0
  return {
    buckets: [...byBound]
      .toSorted(([one], [other]) => one - other)
      .map(([le, count]) => ({ le, count: (most = Math.max(most, Math.round(count))) })),
  }
}

const pairOf = <Sample>(
  countedBy: CountedBy,
  { version, stable }: Readonly<Record<'version' | 'stable', Sample | undefined>>,
): readonly SamplePair<Sample>[] =>
  version === undefined ? [] : [{ countedBy, version, ...(stable !== undefined && { stable }) }]
