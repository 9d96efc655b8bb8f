import { grpcCodes } from '../objects/text/grpc-codes.ts'

/** The labels by which a request is judged. */
export interface ResponseLabels {
  readonly code: string
  /** Empty for what is not gRPC. */
  readonly grpc: string
}

/**
 * The gRPC codes that are the server's fault: those that Google's `google.rpc.Code` maps to HTTP 5xx
 * (https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto), which are those that OpenTelemetry
 * counts as errors of a server (https://opentelemetry.io/docs/specs/semconv/rpc/grpc/).
 */
export const serverFaults: Readonly<Record<string, string>> = {
  '2': 'UNKNOWN',
  '4': 'DEADLINE_EXCEEDED',
  '12': 'UNIMPLEMENTED',
  '13': 'INTERNAL',
  '14': 'UNAVAILABLE',
  '15': 'DATA_LOSS',
}

/**
 * Whether a request failed by the server's fault: HTTP 5xx, as Flagger (`response_code!~"5.*"`) and Argo Rollouts'
 * examples have it, or a gRPC code of a server's fault, which comes with HTTP 200.
 */
export const isFailure = ({ code, grpc }: ResponseLabels): boolean =>
  code.startsWith('5') || Object.hasOwn(serverFaults, grpc)

/** `UNAVAILABLE` for `14`; a code that gRPC does not have stays as it is. */
export const grpcName = (code: string): string => grpcCodes[Number(code)] ?? code
