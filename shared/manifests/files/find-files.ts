import { readdirSync, readFileSync, realpathSync, statSync, type Dirent } from 'node:fs'
import { join } from 'node:path'
import { CanaryError } from '../../objects/canary-error.ts'
import type { Path } from '../../objects/paths.ts'

/**
 * A file as it was read. `name` is how people know it: the path as typed, joined with what is below it;
 * `stdin` has no path.
 */
export interface SourceFile {
  readonly name: string
  readonly path?: string
  readonly text: string
  /** What was typed to get here. */
  readonly root: Root
  /** It is no file, but what a kustomization was built to. */
  readonly isBuild?: boolean
  /** It is no file, but the text of a scalar in one: an inline patch of a kustomization. */
  readonly within?: Embedding
}
/** Where the text of a scalar is in its file. */
export interface Embedding {
  readonly file: SourceFile
  /** The scalar, which begins here in the text of the file, and its path in the file's only document. */
  readonly start: number
  readonly scalar: { readonly start: number; readonly end: number; readonly text: string }
  readonly path: Path
  /** The offset in the file for one in the scalar's text. */
  readonly offsetOf: (offset: number) => number
}
export interface Root {
  readonly kind: 'folder' | 'file' | 'stdin'
  readonly path: string
}
export interface UnreadFile {
  readonly file: string
  readonly reason: string
}

/** kustomize takes a file without an ending, too. */
const isManifestName = (name: string): boolean => /\.(ya?ml|json)$|^Kustomization$/i.test(name)

/**
 * Reads the files that the paths name, folders with all below them but hidden ones and node_modules, in the
 * order of their names. What pipes hold is given.
 */
export function readFiles(
  paths: readonly string[],
  stdin: string,
  pipes: ReadonlyMap<string, Buffer> = new Map(),
): {
  readonly roots: readonly Root[]
  readonly files: readonly SourceFile[]
  readonly unread: readonly UnreadFile[]
} {
  const files: SourceFile[] = []
  const unread: UnreadFile[] = []
  const seen = new Set<string>()
  const roots = paths.map(rootOf)
  const add = ({ path, real: known }: Located, root: Root): void => {
    try {
      const real = known ?? realpathSync(path)
      if (seen.has(real)) return
      seen.add(real)
      files.push({ name: path, path, text: textIn(pipes.get(path) ?? readFileSync(path)), root })
    } catch (error) {
      const reason = error instanceof NotText ? error.message : reasonOf(error)
      if (root.kind === 'file')
        throw new CanaryError('unreadable', `${path}: ${reason}`, {
          hints: ['Name a YAML or JSON file that you can read.'],
          cause: error,
        })
      unread.push({ file: path, reason })
    }
  }
  for (const root of roots) {
    if (root.kind === 'stdin') files.push({ name: 'stdin', text: nonEmpty(stdin), root })
    else if (root.kind === 'file') add({ path: root.path }, root)
    else {
      const found = [...below({ path: root.path, real: realFolder(root.path) }, unread)]
      if (found.length === 0 && unread.length === 0) throw emptyFolder(root)
      for (const file of found) add(file, root)
    }
  }
  return { roots, files, unread }
}

const emptyFolder = ({ path }: Root): CanaryError =>
  new CanaryError('not-found', `${path}: the folder has no YAML or JSON file`, {
    hints: ['Name a folder with manifests after -f; hidden files and node_modules are not read.'],
  })

/** A pipe whose first program failed must not pass for one without a fault. */
function nonEmpty(text: string): string {
  if (text.trim() !== '') return text
  throw new CanaryError('not-found', 'standard input is empty', {
    hints: ['Pipe manifests into the command; if another program writes them, check that it succeeded.'],
  })
}

function rootOf(path: string): Root {
  if (path === '-') return { kind: 'stdin', path }
  try {
    return { kind: statSync(path).isDirectory() ? 'folder' : 'file', path }
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    throw new CanaryError(
      isMissing ? 'not-found' : 'unreadable',
      `${path === '' ? '""' : path}: ${reasonOf(error)}`,
      { hints: ['Name a file, a folder, or - for standard input after -f.'], cause: error },
    )
  }
}

/** A file or folder, and its path without links where that is known: to ask for it takes as long as to read a file. */
interface Located {
  readonly path: string
  readonly real?: string | undefined
}

function realFolder(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}

/** The manifests below a folder. Links to folders are not followed, so that there are no circles. */
function* below({ path: folder, real }: Located, unread: UnreadFile[]): Generator<Located> {
  let entries: Dirent[]
  try {
    entries = readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    unread.push({ file: folder, reason: reasonOf(error) })
    return
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue
    const path = join(folder, entry.name)
    const inside = { path, real: real === undefined ? undefined : join(real, entry.name) }
    if (entry.isDirectory()) yield* below(inside, unread)
    else if (!isManifestName(entry.name)) continue
    else if (entry.isFile()) yield inside
    else if (entry.isSymbolicLink() && isFile(path)) yield { path }
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

class NotText extends Error {}

function textIn(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  // As editors and redirections on Windows write it; kubectl reads it, many other tools do not.
  if (/^(fffe|feff)/.test(bytes.toString('hex', 0, 2))) throw new NotText('it is UTF-16 text, not UTF-8')
  if (text.includes('\0')) throw new NotText('it is a binary file')
  if (text.includes('\ufffd') && !Buffer.from(text, 'utf8').equals(bytes))
    throw new NotText('it is not UTF-8 text')
  return text
}

/** A system error in plain words. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return reasons[String(code)] ?? (error instanceof Error ? error.message : String(error))
}

const reasons: Readonly<Record<string, string>> = {
  EEXIST: 'another file with this name was created',
  ENOENT: 'the file or folder does not exist',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is not a folder',
  ELOOP: 'its links form a loop',
}
