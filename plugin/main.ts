import { setTimeout as sleep } from 'node:timers/promises'
import { run } from './cli.ts'
import { interruptedCode } from './exit-codes.ts'
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
  const code = await runMode(process.argv.slice(2), streams(stdout, stderr), { openStore })
  await Promise.all([stdout.written(), stderr.written()])
  process.exit(code)
}

function streams(stdout: Output, stderr: Output): Streams {
  const interrupt = new AbortController()
  process.on('SIGINT', () => (interrupt.signal.aborted ? process.exit(interruptedCode) : interrupt.abort()))
  return {
    get stdin() {
      return process.stdin
    },
    stdout,
    stderr,
    env: process.env,
    interrupt: interrupt.signal,
    now: () => new Date(),
    wait: milliseconds => sleep(milliseconds, undefined, { signal: interrupt.signal }),
  }
}

/**
 * A stream that is opened when it is first used, because that costs milliseconds. Its reader may leave
 * (`| head`): that is no error, and the work goes on.
 */
class QuietOutput implements Output {
  readonly #open: () => NodeJS.WriteStream
  #stream: NodeJS.WriteStream | undefined
  closed = false

  constructor(open: () => NodeJS.WriteStream) {
    this.#open = open
  }

  write(text: string): void {
    if (!this.closed) this.#opened().write(text)
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

  /** Waits until all that was written is out, or nobody reads it. */
  async written(): Promise<void> {
    await new Promise<unknown>(resolve =>
      this.#stream === undefined || this.closed ? resolve(undefined) : this.#stream.write('', resolve),
    )
  }

  #opened(): NodeJS.WriteStream {
    this.#stream ??= this.#open().on('error', () => {
      this.closed = true
    })
    return this.#stream
  }
}

if (import.meta.main) await start('command')
