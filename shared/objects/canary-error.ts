/** What kind of trouble it is; the plugin turns it into an exit code, the webhook into a response. */
export type ErrorCode =
  /** The command's words do not fit: exit 2. */
  | 'usage'
  /** A rule, or an owner, stands against it: exit 3. */
  | 'refused'
  /** What was named is not there: exit 1. */
  | 'not-found'
  /** The request fits several things: exit 2. */
  | 'ambiguous'
  /** A file or document cannot be read as the cluster would read it: exit 1. */
  | 'unreadable'
  /** A file cannot be written: exit 1. */
  | 'unwritable'
  /** No API server answers: exit 1. */
  | 'unreachable'
  /** Who we are is not accepted, or may not do this: exit 1. */
  | 'unauthorized'
  | 'forbidden'
  /** The object changed meanwhile, again and again: exit 1. */
  | 'conflict'
  /** The API server refused the object: exit 1. */
  | 'rejected'
  /** It took longer than allowed: exit 7. */
  | 'timeout'
  /** A person stopped it in the middle, and what was done has been undone: exit 130. */
  | 'interrupted'
  /** Some objects are written, others are not, and what was written could not be undone: exit 1. */
  | 'half-written'
  | 'failed'

/** The one error that people see: what is wrong, where, and what to do, in that order. */
export class CanaryError extends Error {
  readonly code: ErrorCode
  /** What to do about it, each line a sentence or a full command. */
  readonly hints: readonly string[]
  /** The controller because of which an edit is refused: `Rollout shop/catalog`. */
  readonly owner?: string

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      readonly hints?: readonly string[]
      readonly cause?: unknown
      readonly owner?: string
    } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.name = 'CanaryError'
    this.code = code
    this.hints = options.hints ?? []
    if (options.owner !== undefined) this.owner = options.owner
  }
}
