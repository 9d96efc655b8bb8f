import type { ErrorCode } from '../shared/objects/canary-error.ts'

/** 128 + SIGINT, as for shells. */
export const interruptedCode = 130
/** 128 + SIGTERM. */
export const terminatedCode = 143

/** The exit code of each kind of error. */
export const exitCodes: Readonly<Record<ErrorCode, number>> = {
  usage: 2,
  ambiguous: 2,
  refused: 3,
  timeout: 7,
  interrupted: interruptedCode,
  'not-found': 1,
  unreadable: 1,
  unwritable: 1,
  unreachable: 1,
  unauthorized: 1,
  forbidden: 1,
  conflict: 1,
  rejected: 1,
  'half-written': 1,
  failed: 1,
}
