import { setTimeout as sleep } from 'node:timers/promises'
import { run } from './cli.ts'
import { exitCodes, interruptedCode, terminatedCode } from './exit-codes.ts'
import { openStore } from './open-store.ts'
import { QuietOutput } from './quiet-output.ts'
import type { Output, Streams } from './streams.ts'

/**
 * Runs the program as the shell started it: `command` does what was typed, `complete` proposes how it continues.
 * The only file that names `process`.
 */
export async function start(mode: 'command' | 'complete'): Promise<void> {
  const stdout = new QuietOutput(1, () => process.stdout)
  const stderr = new QuietOutput(2, () => process.stderr)
  const runMode = mode === 'command' ? run : (await import('./complete/complete.ts')).run
  const ends = new Ends()
  const code = await runMode(process.argv.slice(2), streams(stdout, stderr, ends.signal), { openStore })
  await stdout.written()
  if (stdout.fault !== undefined) stderr.write(`error: standard output cannot be written: ${stdout.fault}\n`)
  await stderr.written()
  process.exit(ends.codeFor(stdout.fault !== undefined && code === 0 ? exitCodes.unwritable : code))
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

if (import.meta.main) await start('command')
