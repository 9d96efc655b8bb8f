import { watch, type FSWatcher } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Who is told of changes; called one at a time, never before `watchFiles` has returned. */
export interface FileEvents {
  /** The files are others than before, or can be read again. */
  readonly onChange: (texts: readonly string[]) => void
  /** The files cannot be read now; told once until they can be again. */
  readonly onProblem: (error: unknown) => void
}
export interface FileWatch {
  /** As they were when last read, in the order of the paths. */
  readonly texts: readonly string[]
  /** Looks at once; for whoever cannot wait. */
  look(): Promise<void>
  close(): void
}

/**
 * Some file systems report no changes, and there may be no watches left; then this often is how soon we see
 * one.
 */
const pollMs = 10_000
/** A Secret or ConfigMap is swapped by one rename of `..data`, but editors write a file in steps. */
const settleMs = 50

/**
 * Follows files that belong together, as Kubernetes mounts a ConfigMap or Secret: the folder is watched,
 * since what changes is a symbolic link in
 * it. Rejects where the files cannot be read at first.
 */
export async function watchFiles(
  paths: readonly string[],
  { onChange, onProblem }: FileEvents,
): Promise<FileWatch> {
  const readAll = (): Promise<string[]> => Promise.all(paths.map(path => readFile(path, 'utf8')))
  let texts = await readAll()
  let isBroken = false
  let isClosed = false
  let looking = Promise.resolve()

  const lookNow = async (): Promise<void> => {
    try {
      const found = await readAll()
      const isBack = isBroken
      isBroken = false
      if (isClosed || (!isBack && found.every((text, i) => text === texts[i]))) return
      texts = found
      onChange(texts)
    } catch (error) {
      if (!isBroken && !isClosed) onProblem(error)
      isBroken = true
    }
  }
  const look = (): Promise<void> => (looking = looking.then(lookNow))

  let settling: NodeJS.Timeout | undefined
  const soon = (): void => {
    clearTimeout(settling)
    settling = setTimeout(() => void look(), settleMs).unref()
  }
  const poll = setInterval(() => void look(), pollMs).unref()
  const watchers = [...new Set(paths.map(path => dirname(path)))].flatMap(folder => watchFolder(folder, soon))
  return {
    get texts() {
      return texts
    },
    look,
    close: () => {
      isClosed = true
      clearInterval(poll)
      clearTimeout(settling)
      for (const watcher of watchers) watcher.close()
    },
  }
}

/** A watcher, or none where the system gives none: the poll remains. */
function watchFolder(folder: string, onEvent: () => void): readonly FSWatcher[] {
  try {
    return [watch(folder, { persistent: false }, onEvent).on('error', () => undefined)]
  } catch {
    return []
  }
}
