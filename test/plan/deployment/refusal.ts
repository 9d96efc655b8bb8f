import { CanaryError } from '../../../shared/objects/canary-error.ts'

/** The error that is thrown. */
export function refusal(work: () => unknown): CanaryError {
  try {
    work()
  } catch (error) {
    if (error instanceof CanaryError) return error
    throw error
  }
  throw new Error('nothing was refused')
}
