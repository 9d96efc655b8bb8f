import { quotedName } from '../../../objects/text/escaped.ts'
import type { Path } from '../../rule.ts'
import { durationFault } from '../duration.ts'
import type { Fault } from '../../schema/fault.ts'
import { faultAt } from '../names.ts'
import { grpcCodes } from '../../../objects/text/grpc-codes.ts'

interface Percent {
  readonly value?: number
}
export interface FaultInjection {
  readonly abort?: {
    readonly httpStatus?: number
    readonly grpcStatus?: string
    readonly http2Error?: string
    readonly percentage?: Percent
  }
  readonly delay?: {
    readonly fixedDelay?: string
    readonly exponentialDelay?: string
    readonly percentage?: Percent
  }
}

const grpcStatuses: ReadonlySet<string> = new Set(grpcCodes)

/** What is wrong with injected faults. */
export function* checkFaultInjection({ abort, delay }: FaultInjection, path: Path): Iterable<Fault> {
  if (abort === undefined && delay === undefined)
    yield { path, message: 'a fault needs an abort or a delay', about: '' }
  if (abort !== undefined) yield* checkAbort(abort, [...path, 'abort'])
  if (delay !== undefined) yield* checkDelay(delay, [...path, 'delay'])
}

function* checkAbort(
  { httpStatus, grpcStatus, http2Error, percentage }: NonNullable<FaultInjection['abort']>,
  path: Path,
): Iterable<Fault> {
  yield* checkPercent(percentage, [...path, 'percentage', 'value'])
  if (httpStatus !== undefined) yield* faultAt([...path, 'httpStatus'], statusFault(httpStatus))
  if (grpcStatus !== undefined && !grpcStatuses.has(grpcStatus)) {
    yield {
      path: [...path, 'grpcStatus'],
      message: `${quotedName(grpcStatus)} is not a gRPC status such as NOT_FOUND`,
    }
  }
  if (http2Error !== undefined)
    yield { path: [...path, 'http2Error'], message: 'http2Error is not supported' }
}

function* checkDelay(
  { fixedDelay, exponentialDelay, percentage }: NonNullable<FaultInjection['delay']>,
  path: Path,
): Iterable<Fault> {
  yield* checkPercent(percentage, [...path, 'percentage', 'value'])
  if (fixedDelay !== undefined) yield* faultAt([...path, 'fixedDelay'], durationFault(fixedDelay))
  if (exponentialDelay !== undefined)
    yield {
      path: [...path, 'exponentialDelay'],
      message: 'exponentialDelay is not supported; use fixedDelay',
    }
}

function* checkPercent({ value = 0 }: Percent = {}, path: Path): Iterable<Fault> {
  if (value < 0 || value > 100 || (value > 0 && value < 0.0001))
    yield { path, message: `a percentage must be 0, or from 0.0001 to 100, not ${value}` }
}

/** HTTP statuses as Istio takes them. */
export const statusFault = (status: number): string | undefined =>
  status >= 200 && status <= 600 ? undefined : `${status} is not an HTTP status from 200 to 599`
