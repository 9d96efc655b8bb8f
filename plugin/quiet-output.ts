import { fstatSync, statSync, writeSync, type Stats } from 'node:fs'
import type { Output } from './streams.ts'

/**
 * What is written without a stream, in UTF-16 units: at least as much fits into an empty pipe (16 KiB on macOS), so that
 * no write waits for a reader.
 */
const mostDirect = 5_000

/**
 * Text to a descriptor of the process. Its reader may leave (`| head`): that is no error, and the work continues. It
 * continues on a full disk, too, but then the text is not there: `fault` says why.
 *
 * Node's stream is opened when it is needed, because that costs milliseconds: for a terminal, and for more text than a pipe takes at once. Less
 * goes to a file or a pipe as it is.
 */
export class QuietOutput implements Output {
  readonly #descriptor: number
  readonly #open: () => NodeJS.WriteStream
  #stream: NodeJS.WriteStream | undefined
  #last: Promise<void> | undefined
  #direct = mostDirect
  #isUnclear: boolean | undefined
  closed = false
  /** What the system says of a text that could not be written. */
  fault: string | undefined

  constructor(descriptor: number, open: () => NodeJS.WriteStream) {
    this.#descriptor = descriptor
    this.#open = open
  }

  get #mayBeTerminal(): boolean {
    return (this.#isUnclear ??= mayBeTerminal(this.#descriptor))
  }

  write(text: string): void {
    if (this.closed || text === '') return
    const rest = this.#isDirect(text) ? this.#writeNow(text) : text
    if (this.closed || rest.length === 0) return
    const stream = this.#opened()
    this.#last = new Promise(resolve => {
      stream.write(rest, error => {
        if (error instanceof Error) this.#fails(error)
        resolve()
      })
    })
  }

  get isTTY(): boolean {
    return (this.#stream !== undefined || this.#mayBeTerminal) && this.#opened().isTTY
  }

  get columns(): number {
    return this.#opened().columns
  }

  get rows(): number {
    return this.#opened().rows
  }

  onResize(listener: () => void): () => void {
    const stream = this.#opened()
    stream.on('resize', listener)
    return () => stream.off('resize', listener)
  }

  /**
   * Waits until all that was written is out, or nobody reads it: for the last text, because Bun calls back at once for an empty one, and
   * what is still in the pipe would be lost.
   */
  async written(): Promise<void> {
    if (!this.closed) await this.#last
  }

  #opened(): NodeJS.WriteStream {
    this.#stream ??= this.#open().on('error', error => this.#fails(error))
    return this.#stream
  }

  #isDirect(text: string): boolean {
    if (this.#stream !== undefined || text.length > this.#direct || this.#mayBeTerminal) return false
    this.#direct -= text.length
    return true
  }

  /** What could not be written because the reader is slow. */
  #writeNow(text: string): string | Buffer {
    let rest = Buffer.from(text)
    try {
      while (rest.length > 0) rest = rest.subarray(writeSync(this.#descriptor, rest))
    } catch (error) {
      const failed = error as NodeJS.ErrnoException
      if (failed.code !== 'EAGAIN') this.#fails(failed)
    }
    return rest
  }

  #fails({ code, message }: NodeJS.ErrnoException): void {
    this.closed = true
    if (code !== 'EPIPE') this.fault ??= message.replace(/^\w+: |, write$/g, '')
  }
}

/** Whether only Node's stream can tell: of what is no file, pipe or socket. Windows has none of these three kinds but files. */
function mayBeTerminal(descriptor: number): boolean {
  const stats = statsOf(() => fstatSync(descriptor))
  if (stats === undefined) return true
  if (stats.isFile() || stats.isFIFO() || stats.isSocket()) return false
  return !stats.isCharacterDevice() || stats.rdev !== statsOf(() => statSync('/dev/null'))?.rdev
}

function statsOf(read: () => Stats): Stats | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
