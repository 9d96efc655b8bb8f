import type { HistogramBucket } from './quantile.ts'
import { quantileOf } from './quantile.ts'
import { grpcName, isFailure } from './success.ts'

/** Who reports a request: the caller's proxy or a gateway, the proxy beside the pod, or a waypoint. */
export type Reporter = 'source' | 'destination' | 'waypoint'

/** What failed, and how often per second. */
export interface FailureRate {
  /** The HTTP code; `0` where the caller went away. */
  readonly code: string
  /** The gRPC code by name: `UNAVAILABLE`. */
  readonly grpc?: string
  /** Envoy's response flags: `UH` (no healthy pod), `NC` (no such cluster), `UF` (no connection). */
  readonly flags?: string
  readonly rps: number
}

/** What one kind of proxy reports of a version; figures without data are left out. */
export interface Figures {
  /** Requests per second; 0 where none came in the window. */
  readonly rps: number
  /** Requests in the window, near enough: the sample behind the other figures. */
  readonly requests: number
  /** Requests that did not fail by the server's fault, in percent; left out where there were no requests. */
  readonly success?: number
  /** Durations in milliseconds. */
  readonly p50?: number
  readonly p95?: number
  readonly p99?: number
  readonly failures: readonly FailureRate[]
}

/** How often one kind of answer was given, per second. */
export interface ResponseRate {
  readonly code: string
  /** Empty for what is not gRPC. */
  readonly grpc: string
  /** `-` for none. */
  readonly flags: string
  readonly rate: number
}

/** Figures from the answers that were counted, over a window in seconds, and the buckets of their durations. */
export function figuresOf(
  responses: readonly ResponseRate[],
  buckets: readonly HistogramBucket[],
  window: number,
): Figures {
  const counted = responses.filter(({ rate }) => Number.isFinite(rate) && rate >= 0)
  const rps = sumOf(counted)
  const failed = counted.filter(isFailure)
  return {
    rps: digits(rps),
    requests: Math.round(rps * window),
    ...(rps > 0 && { success: successOf(rps, sumOf(failed)) }),
    ...quantile('p50', quantileOf(0.5, buckets)),
    ...quantile('p95', quantileOf(0.95, buckets)),
    ...quantile('p99', quantileOf(0.99, buckets)),
    failures: failureRates(failed),
  }
}

const quantile = (name: 'p50' | 'p95' | 'p99', value: number | undefined) =>
  value === undefined ? {} : { [name]: digits(value) }

/** The digits of a rate that mean something; sums of rates leave more. */
export const digits = (value: number): number => Number(value.toPrecision(6))

/** The percentage of requests that did not fail. */
export const successOf = (rps: number, failed: number): number =>
  Number(((100 * (rps - failed)) / rps).toPrecision(9))

const sumOf = (responses: readonly ResponseRate[]): number =>
  responses.reduce((sum, { rate }) => sum + rate, 0)

/** Failures of one kind added up, the most frequent first. */
function failureRates(failed: readonly ResponseRate[]): readonly FailureRate[] {
  const kinds = Map.groupBy(failed, ({ code, grpc, flags }) => `${code} ${grpc} ${flags}`)
  return [...kinds.values()]
    .map(same => {
      const { code, grpc, flags } = same[0]!
      return {
        code,
        ...(grpc !== '' && { grpc: grpcName(grpc) }),
        ...(flags !== '-' && flags !== '' && { flags }),
        rps: digits(sumOf(same)),
      }
    })
    .filter(({ rps }) => rps > 0)
    .toSorted((one, other) => other.rps - one.rps)
}
