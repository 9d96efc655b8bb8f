import { CanaryError } from '../../../shared/objects/canary-error.ts'

const codes: readonly CanaryError['code'][] = ['refused', 'usage', 'ambiguous', 'not-found']

/** Whether an edit cannot be made as things are. */
export const isRefusedEdit = (error: unknown): error is CanaryError =>
  error instanceof CanaryError && codes.includes(error.code)
