import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { RouteEdit } from '../rollout-ports.ts'

const codes: readonly CanaryError['code'][] = ['refused', 'usage', 'ambiguous', 'not-found']

/** Whether an edit cannot be made as things are. */
export const isRefusedEdit = (error: unknown): error is CanaryError =>
  error instanceof CanaryError && codes.includes(error.code)

/** What a refusal makes of a run: a controller that has taken the routes over would set each edit back, so that the run is over. */
export const refusedEdit = ({ message, owner }: CanaryError): RouteEdit =>
  owner === undefined ? { kind: 'refused', why: message } : { kind: 'changed', as: 'stopped', why: message }
