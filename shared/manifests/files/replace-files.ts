import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { CanaryError } from '../../objects/canary-error.ts'
import { reasonOf } from './find-files.ts'

/** A file's text before and after; no before makes it, no after removes it. */
export interface Replacement {
  readonly path: string
  readonly before: string | undefined
  readonly after: string | undefined
}
interface Prepared extends Replacement {
  /** Where links lead to. */
  readonly target: string
  readonly temporary?: string
}

/**
 * Replaces all of the files or none, each at once: new texts are written beside them first, then renamed over
 * them. Runs without a pause for
 * others, so that an interrupt comes before or after it.
 */
export function replaceFiles(replacements: readonly Replacement[]): void {
  const prepared: Prepared[] = []
  const done: Prepared[] = []
  try {
    for (const replacement of replacements) check(replacement)
    for (const replacement of replacements) prepared.push(prepare(replacement))
    for (const one of prepared) {
      put(one)
      done.push(one)
    }
  } catch (error) {
    throw withUndone(error, done.flatMap(undo))
  } finally {
    for (const { temporary } of prepared) if (temporary !== undefined) rmSync(temporary, { force: true })
  }
}

const unwritable = (path: string, error: unknown): CanaryError =>
  new CanaryError('unwritable', `${path}: cannot be written: ${reasonOf(error)}`, {
    hints: ['Nothing was changed. Make the file and its folder writable, then run this again.'],
    cause: error,
  })

function check({ path, before }: Replacement): void {
  const now = existsSync(path) ? readFileSync(path, 'utf8') : undefined
  if (now !== before) {
    const what = before === undefined ? 'was created' : now === undefined ? 'was deleted' : 'was changed'
    throw new CanaryError('conflict', `${path}: ${what} since it was read`, {
      hints: ['Nothing was changed. Run this again to use the current file.'],
    })
  }
  if (now !== undefined && (statSync(path).mode & 0o222) === 0) {
    throw new CanaryError('unwritable', `${path}: the file is read-only`, {
      hints: [`Nothing was changed. Make it writable (chmod u+w ${path}), then run this again.`],
    })
  }
}

function prepare({ path, before, after }: Replacement): Prepared {
  const target = before === undefined ? path : realpathSync(path)
  if (after === undefined) return { path, before, after, target }
  const temporary = temporaryBeside(target)
  try {
    writeTemporary(temporary, after, before === undefined ? undefined : target)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw unwritable(path, error)
  }
  return { path, before, after, target, temporary }
}

/** A hidden name, so that no reader of the folder takes it for a manifest, and another one each time. */
const temporaryBeside = (target: string): string =>
  join(dirname(target), `.${basename(target)}.${crypto.randomUUID().slice(0, 8)}.tmp`)

function writeTemporary(temporary: string, text: string, like: string | undefined): void {
  const file = openSync(temporary, 'wx')
  try {
    const bytes = Buffer.from(text, 'utf8')
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  if (like === undefined) return
  const { mode, uid, gid } = statSync(like)
  chmodSync(temporary, mode & 0o7777)
  const made = statSync(temporary)
  if (made.uid !== uid || made.gid !== gid) chownSync(temporary, uid, gid)
}

function put({ path, target, temporary, before }: Prepared): void {
  try {
    if (temporary === undefined) rmSync(target)
    // A link, unlike a rename, never replaces a file that came meanwhile.
    else if (before === undefined) linkOrCopy(temporary, target)
    else renameSync(temporary, target)
  } catch (error) {
    throw unwritable(path, error)
  }
}

function linkOrCopy(temporary: string, target: string): void {
  try {
    linkSync(temporary, target)
  } catch (error) {
    // Some file systems know no links.
    if (!(error instanceof Error && 'code' in error) || error.code === 'EEXIST') throw error
    copyFileSync(temporary, target, constants.COPYFILE_EXCL)
  }
}

/** The sentences about what could not be undone. */
function undo({ path, target, before }: Prepared): readonly string[] {
  try {
    if (before === undefined) {
      rmSync(target)
      return []
    }
    const temporary = temporaryBeside(target)
    writeTemporary(temporary, before, existsSync(target) ? target : undefined)
    renameSync(temporary, target)
    return []
  } catch (error) {
    return [`${path} has the new text and could not be restored: ${reasonOf(error)}`]
  }
}

const withUndone = (error: unknown, stuck: readonly string[]): unknown =>
  stuck.length > 0 && error instanceof CanaryError
    ? new CanaryError(error.code, error.message, { hints: stuck, cause: error.cause })
    : error
