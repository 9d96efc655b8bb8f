import { CanaryError } from '../../shared/objects/canary-error.ts'
import { parseDuration } from '../../shared/objects/text/parse-duration.ts'
import type { StickyWords } from '../../shared/plan/intent.ts'
import { rfc3339 } from './until.ts'

/** What was typed of how users keep their version. */
export interface StickyFlags {
  /** True for `--sticky`, false for `--no-sticky`. */
  readonly sticky: boolean | undefined
  readonly cookie: string | undefined
  readonly ttl: string | undefined
}

/** RFC 6265, 4.1.1: the name of a cookie is a token; a proxy reads a % in a header as the start of a command. */
const cookieName = /^[!#$&'*+.^_`|~0-9A-Za-z-]+$/

const days = { d: 86_400_000, w: 604_800_000 }
/** What browsers keep a cookie for at most (RFC 6265bis, 5.5), in seconds: 400 days. */
const longest = 400 * 86_400

/** How users keep their version: undefined where nothing is said of it, false where they no longer shall; throws `usage`. */
export function parseSticky(
  { sticky, cookie, ttl }: StickyFlags,
  now: Date,
): StickyWords | false | undefined {
  const extra = cookie !== undefined ? '--cookie' : ttl !== undefined ? '--ttl' : undefined
  if (sticky === false && extra !== undefined)
    throw usage(`${extra} cannot be used with --no-sticky`, 'Leave one of them out.')
  if (sticky !== true && extra === undefined) return sticky === false ? false : undefined
  if (cookie !== undefined && !cookieName.test(cookie))
    throw usage(`"${cookie}" is not a valid cookie name`, 'Write it like --cookie catalog-canary.')
  return {
    ...(cookie !== undefined && { cookie }),
    ...(ttl !== undefined && { ttl: secondsOf(ttl) }),
    since: rfc3339(now),
  }
}

function secondsOf(ttl: string): number {
  const seconds = (parseDuration(ttl, days) ?? NaN) / 1000
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= longest) return seconds
  throw usage(`--ttl ${ttl} is not a time from 1s to 400d in whole seconds`, 'Write it like 30m, 1h or 7d.')
}

const usage = (message: string, hint: string): CanaryError =>
  new CanaryError('usage', message, { hints: [hint] })
