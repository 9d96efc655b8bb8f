import type { Path } from '../../rule.ts'
import type { Fault } from '../../schema/fault.ts'
import { byteLength, faultAt } from '../names.ts'
import { statusFault } from './faults.ts'

export interface DirectResponse {
  readonly status: number
  readonly body?: { readonly string?: string; readonly bytes?: string }
}

/** What is wrong with a fixed response: its status, and a body of more than a megabyte. */
export function* checkDirectResponse(
  { status, body: { string = '', bytes = '' } = {} }: DirectResponse,
  path: Path,
): Iterable<Fault> {
  yield* faultAt([...path, 'status'], statusFault(status))
  const size = Math.max(byteLength(string), (bytes.replace(/=+$/, '').length * 3) / 4)
  if (size > 1024 * 1024)
    yield { path: [...path, 'body'], message: 'a direct response must be less than 1 MB', about: '' }
}
