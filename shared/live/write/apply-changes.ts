import { CanaryError } from '../../objects/canary-error.ts'
import { keyOf, type KubeObject } from '../../objects/kube-object.ts'
import { changedRef, type Change } from '../../view/change.ts'
import type { ApplyChangesOptions, Outcome } from '../../view/store.ts'
import { commandFor } from './commands.ts'
import { disownFields } from './disown-fields.ts'
import { patchOf, writeObject, type Writer, type Written } from './write-object.ts'

/** A change that the server has carried out: what it made of it, and what it was before. */
interface Done {
  readonly change: Change
  readonly written: Written
}

/** What the changes would do, decided here alone. */
export const foreseen = (changes: readonly Change[]): readonly Outcome[] =>
  changes.map(change => ({ ref: changedRef(change), action: actionOf(change), dryRun: 'client' }))

function actionOf({ before, after }: Change): Outcome['action'] {
  if (before === undefined) return 'created'
  if (after === undefined) return 'deleted'
  return patchOf(before, after) === undefined ? 'unchanged' : 'configured'
}

/**
 * Carries the changes out in order; when one fails, those before it are undone, and the error tells what
 * state that leaves.
 */
export async function applyChanges(
  given: Writer,
  changes: readonly Change[],
  { dryRun, before, disown, scales }: ApplyChangesOptions,
): Promise<readonly Outcome[]> {
  const writer: Writer = { ...given, ...(scales === true && { scales }) }
  if (dryRun === 'none' && changes.length > 1) await tryAll(writer, changes)
  const done: Done[] = []
  for (const [index, change] of changes.entries()) {
    try {
      writer.signal?.throwIfAborted()
      if ((await before?.(index)) === false) break
      const current = rebased(change, done)
      done.push({ change: current, written: await writeObject(writer, current) })
    } catch (error) {
      throw dryRun === 'none'
        ? await undone(writer, { done, failed: change, rest: changes.slice(done.length), error })
        : error
    }
  }
  const now =
    disown === true && dryRun === 'none'
      ? await Promise.all(done.map(({ written }) => disownFields(writer, written.now)))
      : done.map(({ written }) => written.now)
  return done.map(({ change, written: { action } }, i) => ({
    ref: changedRef(change),
    action,
    dryRun,
    ...(now[i] !== undefined && { now: now[i] }),
  }))
}

/**
 * Asks the server about all changes before the first is made, so that one that is refused costs nobody the
 * others. What the cluster's policies say of a change that depends on an earlier one is not known before that is
 * there, so their refusal of a later change does not count here.
 */
async function tryAll(writer: Writer, changes: readonly Change[]): Promise<void> {
  const trial: Writer = { ...writer, isDryRun: true, onWarning: () => undefined }
  const firsts = Map.groupBy(changes, change => keyOf(changedRef(change))).values()
  let isFirst = true
  for (const [change] of firsts) {
    try {
      writer.signal?.throwIfAborted()
      await writeObject(trial, change!)
    } catch (error) {
      if (!isInconclusive(error, isFirst)) throw error
    }
    isFirst = false
  }
}

/** A webhook that takes no dry runs says nothing of the change itself. */
const isInconclusive = (error: unknown, isFirst: boolean): boolean =>
  error instanceof CanaryError
  && (/does not support dry run/.test(error.message)
    || (!isFirst && /^admission webhook "|denied (the )?request/.test(error.message)))

/** A second change of the same object starts from what the first has made of it. */
function rebased(change: Change, done: readonly Done[]): Change {
  const key = keyOf(changedRef(change))
  const earlier = done.findLast(({ change: other }) => keyOf(changedRef(other)) === key)?.written.now
  if (earlier === undefined || change.before === undefined) return change
  return { ...change, before: withMetadata(change.before, earlier.metadata) }
}

const withMetadata = (
  object: KubeObject,
  { resourceVersion, uid }: Pick<KubeObject['metadata'], 'resourceVersion' | 'uid'>,
): KubeObject => ({
  ...object,
  metadata: {
    ...object.metadata,
    ...(resourceVersion !== undefined && { resourceVersion }),
    ...(uid !== undefined && { uid }),
  },
})

interface FailedApply {
  readonly done: readonly Done[]
  readonly failed: Change
  /** From the one that failed on. */
  readonly rest: readonly Change[]
  readonly error: unknown
}

/** The error to throw after what was done has been undone, the last first. */
async function undone(writer: Writer, failure: FailedApply): Promise<unknown> {
  const { done, failed, error } = failure
  const changed = done.filter(({ written }) => written.action !== 'unchanged')
  if (changed.length === 0) return error
  const left: { readonly entry: Done; readonly reason: string }[] = []
  for (const entry of changed.toReversed()) {
    try {
      await writeObject({ ...writer, signal: undefined }, reverted(entry))
    } catch (reason) {
      left.push({ entry, reason: (reason as Error).message })
    }
  }
  const cause = error instanceof CanaryError ? error : unexpected(writer, failed, error)
  const names = changed.map(({ change }) => keyOf(changedRef(change))).join(', ')
  if (left.length === 0)
    return new CanaryError(cause.code, `${cause.message}; the changes before it (${names}) were undone`, {
      hints: cause.hints,
      cause,
    })
  // Not a conflict any more: planning again on a half-written state would hide it.
  return new CanaryError('half-written', `${cause.message}; the changes before it could not be undone`, {
    cause,
    hints: [...cause.hints, ...stateOf(writer, failure, left)],
  })
}

/** A person who stops between two writes is told where; anything else was not planned. */
const unexpected = ({ signal }: Writer, failed: Change, error: unknown): CanaryError =>
  signal?.aborted === true && error === signal.reason
    ? new CanaryError('interrupted', `interrupted before ${keyOf(changedRef(failed))} was written`, {
        cause: error,
      })
    : new CanaryError('failed', (error as Error).message, { cause: error })

/** The change back, from what the server has now. */
function reverted({ change: { before, after, patch }, written: { now } }: Done): Change {
  if (after === undefined) return { after: before }
  // Under the version that it was written in, which need not be the one that was planned.
  return {
    before:
      now === undefined
        ? after
        : withMetadata({ ...after, apiVersion: now.apiVersion ?? after.apiVersion }, now.metadata),
    after: before,
    ...(patch?.subresource !== undefined && {
      patch: { type: 'merge', subresource: patch.subresource } as const,
    }),
  }
}

function stateOf(
  writer: Writer,
  { rest, failed, error }: FailedApply,
  left: readonly { readonly entry: Done; readonly reason: string }[],
): readonly string[] {
  const { flags } = writer.connection
  const isUnknown = error instanceof CanaryError && (error.code === 'unreachable' || error.code === 'timeout')
  return [
    ...left.map(
      ({ entry, reason }) =>
        `${keyOf(changedRef(entry.change))} is ${entry.written.action} and could not be restored: ${reason}`,
    ),
    `${keyOf(changedRef(failed))} is ${isUnknown ? 'in an unknown state: the response was lost' : 'unchanged'}`,
    ...left.map(({ entry }) => `To undo: ${commandFor(reverted(entry), flags)}`),
    ...rest.map(change => `To complete instead: ${commandFor(change, flags)}`),
  ]
}
