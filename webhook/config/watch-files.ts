import { watch, type FSWatcher } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Callbacks for changes; called one at a time, never before `watchFiles` has returned. */
export interface FileEvents {
  /** The contents have changed, or can be read again. */
  readonly onChange: (texts: readonly string[]) => void
  /** The files cannot be read; called once until they can be read again. */
  readonly onProblem: (error: unknown) => void
}
export interface FileWatch {
  /** The contents as last read, in the order of the paths. */
  readonly texts: readonly string[]
  close(): void
}

/** How soon a change is seen where the system reports none or has no watches left. */
const pollMs = 10_000
/** A mounted Secret or ConfigMap changes by one rename of `..data`, but editors write a file in steps. */
const settleMs = 50

/**
 * Follows files that belong together, such as those of a mounted ConfigMap or Secret. It watches the folder,
 * because a symbolic link in it is what changes. Rejects if the files cannot be read at the start.
 */
export async function watchFiles(
  paths: readonly string[],
  { onChange, onProblem }: FileEvents,
): Promise<FileWatch> {
  const readAll = (): Promise<string[]> => Promise.all(paths.map(path => readFile(path, 'utf8')))
  let texts = await readAll()
  let isBroken = false
  let isClosed = false
  let checking = Promise.resolve()

  const checkNow = async (): Promise<void> => {
    try {
      const found = await readAll()
      const wasBroken = isBroken
      isBroken = false
      if (isClosed || (!wasBroken && found.every((text, i) => text === texts[i]))) return
      texts = found
      onChange(texts)
    } catch (error) {
      if (!isBroken && !isClosed) onProblem(error)
      isBroken = true
    }
  }
  const check = (): Promise<void> => (checking = checking.then(checkNow))

  let settling: NodeJS.Timeout | undefined
  const soon = (): void => {
    clearTimeout(settling)
    settling = setTimeout(() => void check(), settleMs).unref()
  }
  const poll = setInterval(() => void check(), pollMs).unref()
  const watchers = [...new Set(paths.map(path => dirname(path)))].flatMap(folder => watchFolder(folder, soon))
  return {
    get texts() {
      return texts
    },
    close: () => {
      isClosed = true
      clearInterval(poll)
      clearTimeout(settling)
      for (const watcher of watchers) watcher.close()
    },
  }
}

/** A watcher, or none if the system provides none; then only the poll remains. */
function watchFolder(folder: string, onEvent: () => void): readonly FSWatcher[] {
  try {
    return [watch(folder, { persistent: false }, onEvent).on('error', () => undefined)]
  } catch {
    return []
  }
}
