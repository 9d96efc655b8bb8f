import { closeSync, constants, openSync, readSync, realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** So often it is asked whether there is more, in milliseconds. */
const askEvery = 20
const chunkSize = 65_536

/**
 * What is written into those of the paths that are pipes (`<(…)`, mkfifo), by path. They are asked again and
 * again: a read that waits for whoever writes would hold the program, so that Ctrl-C could not end it.
 */
export async function readPipes(paths: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
  const texts = new Map<string, Buffer>()
  for (const path of paths) if (isPipe(path)) texts.set(path, await readPipe(path))
  return texts
}

/** Whether a path leads to a pipe. */
export const isPipe = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFIFO() ?? false

/** What is written into a pipe until its end. */
export async function readPipe(path: string): Promise<Buffer> {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    // Nobody opens a pipe without a name again: its end is its end, also before the first byte.
    let isWritten = !hasName(path)
    const chunks: Buffer[] = []
    for (;;) {
      const chunk = readNow(descriptor)
      if (chunk?.length === 0 && isWritten) return Buffer.concat(chunks)
      if (chunk === undefined || chunk.length > 0) isWritten = true
      if (chunk !== undefined && chunk.length > 0) chunks.push(chunk)
      else await sleep(askEvery)
    }
  } finally {
    closeSync(descriptor)
  }
}

/** Empty where nobody has the pipe open for writing; undefined where somebody has, and has written nothing more yet. */
function readNow(descriptor: number): Buffer | undefined {
  const chunk = Buffer.alloc(chunkSize)
  try {
    return chunk.subarray(0, readSync(descriptor, chunk))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return undefined
    throw error
  }
}

/** Whether a pipe stands in a folder; one of the shell is in no file system. */
function hasName(path: string): boolean {
  try {
    return statSync(path).dev === statSync(dirname(realpathSync(path))).dev
  } catch {
    return false
  }
}
