import { setTimeout as sleep } from 'node:timers/promises'
import { run } from './cli.ts'
import { interruptedCode, terminatedCode } from './exit-codes.ts'
import { openStore } from './open-store.ts'
import type { Output, Streams } from './streams.ts'

/**
 * Runs the program as the shell started it: `command` does what was typed, `complete` proposes how it goes on.
 * The only file that names `process`.
 */
export async function start(mode: 'command' | 'complete'): Promise<void> {
  const stdout = new QuietOutput(() => process.stdout)
  const stderr = new QuietOutput(() => process.stderr)
  const runMode = mode === 'command' ? run : (await import('./complete/complete.ts')).run
  const ends = new Ends()
  const code = await runMode(process.argv.slice(2), streams(stdout, stderr, ends.signal), { openStore })
  await Promise.all([stdout.written(), stderr.written()])
  process.exit(ends.codeFor(code))
}

/** Ctrl-C and SIGTERM: the first one asks the program to end, so that it restores what it has changed, and the next one ends it. */
class Ends {
  readonly #interrupt = new AbortController()
  readonly signal = this.#interrupt.signal
  #code = interruptedCode

  constructor() {
    process.on('SIGINT', () => this.#end(interruptedCode))
    process.on('SIGTERM', () => this.#end(terminatedCode))
  }

  #end(code: number): void {
    if (this.signal.aborted) process.exit(code)
    this.#code = code
    this.#interrupt.abort()
  }

  /** The code of the signal where the program ended by one. */
  codeFor(code: number): number {
    return code === interruptedCode ? this.#code : code
  }
}

function streams(stdout: Output, stderr: Output, interrupt: AbortSignal): Streams {
  return {
    get stdin() {
      return process.stdin
    },
    stdout,
    stderr,
    env: process.env,
    interrupt,
    now: () => new Date(),
    wait: milliseconds => sleep(milliseconds, undefined, { signal: interrupt }),
  }
}

/**
 * A stream that is opened when it is first used, because that costs milliseconds. Its reader may leave
 * (`| head`): that is no error, and the work goes on.
 */
class QuietOutput implements Output {
  readonly #open: () => NodeJS.WriteStream
  #stream: NodeJS.WriteStream | undefined
  #last: Promise<void> | undefined
  closed = false

  constructor(open: () => NodeJS.WriteStream) {
    this.#open = open
  }

  write(text: string): void {
    if (this.closed || text === '') return
    const stream = this.#opened()
    this.#last = new Promise(resolve => {
      stream.write(text, () => resolve())
    })
  }

  get isTTY(): boolean {
    return this.#opened().isTTY
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
    this.#stream ??= this.#open().on('error', () => {
      this.closed = true
    })
    return this.#stream
  }
}

if (import.meta.main) await start('command')
