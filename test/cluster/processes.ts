/** Processes that never outlive their test, even if that is killed with SIGKILL. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// A shell that reads until its input closes, as it does when we end in whatever way, and then ends what it was told of.
const keeper = `
pids=
while read -r verb pid; do
  case $verb in
    end) pids="$pids $pid" ;;
    ended) pids=$(for p in $pids; do test "$p" = "$pid" || printf ' %s' "$p"; done) ;;
  esac
done
test -z "$pids" || kill -9 $pids 2>/dev/null
rm -rf "$1" || { sleep 1; rm -rf "$1"; }
`

/** A folder of its own under the system's temporary one, and the processes that work in it. */
export class Processes {
  readonly folder: string
  readonly #keeper: ChildProcess
  readonly #running = new Map<ChildProcess, string>()
  #failed: string | undefined

  private constructor(folder: string) {
    this.folder = folder
    this.#keeper = spawn('sh', ['-c', keeper, 'keeper', folder], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    })
    release(this.#keeper)
    this.#keeper.stdin?.on('error', () => {})
  }

  static async create(): Promise<Processes> {
    return new Processes(await mkdtemp(join(tmpdir(), 'canary-')))
  }

  /**
   * Starts a program whose output goes to `<name>.log` in the folder. It does not keep this process alive. A Go program has one thread that
   * runs code: there are more of them than processors, and each thread that looks for work takes CPU time from the others (a tenth).
   */
  async start(name: string, program: string, args: readonly string[]): Promise<ChildProcess> {
    const log = openSync(this.logOf(name), 'a')
    const child = spawn(program, args, {
      cwd: this.folder,
      env: { ...process.env, ...goProgram, GOMAXPROCS: '1' },
      stdio: ['ignore', log, log],
      detached: true,
    })
    closeSync(log)
    await once(child, 'spawn')
    release(child)
    this.#running.set(child, name)
    this.#keeper.stdin?.write(`end ${child.pid}\n`)
    child.once('exit', () => {
      this.#running.delete(child)
      if (!child.killed) this.#failed = name
      this.#keeper.stdin?.write(`ended ${child.pid}\n`)
    })
    return child
  }

  /** The ids of the programs that run now, and of the shell that would end them. */
  get ids(): readonly number[] {
    return [this.#keeper, ...this.#running.keys()].flatMap(({ pid }) => pid ?? [])
  }

  /** The file that a program's output goes to. */
  logOf(name: string): string {
    return join(this.folder, `${name}.log`)
  }

  /** Throws, with its last lines, if a program has ended by itself. */
  async check(): Promise<void> {
    if (!this.#failed) return
    const text = await readFile(this.logOf(this.#failed), 'utf8').catch(() => '')
    throw new Error(`${this.#failed} ended:\n${text.trim().split('\n').slice(-12).join('\n')}`)
  }

  /** Ends every process and removes the folder. */
  async stop(): Promise<void> {
    await Promise.all([...this.#running.keys()].map(endNow))
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 })
    if (this.#keeper.exitCode !== null) return
    this.#keeper.ref()
    this.#keeper.stdin?.end()
    await once(this.#keeper, 'exit')
  }
}

/** The environment of a Go program of tests: it collects garbage less often. */
export const goProgram = { GOGC: '400' } as const

/** Kills a process and waits until it is gone. */
export async function endNow(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.ref()
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

function release(child: ChildProcess): void {
  child.unref()
  const pipe = child.stdin as (NodeJS.WritableStream & { unref?: () => void }) | null
  pipe?.unref?.()
}
