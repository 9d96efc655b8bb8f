/** The guard as its container runs it: a process of its own. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { guardProgram } from '../../build/built-programs.ts'
import type { LogLine } from './guarded.ts'

export interface ProcessOptions {
  readonly kubeconfig: string
  readonly certificateDir: string
  readonly config?: string
  readonly drainSeconds?: number
  /** How many files and connections it may have open. */
  readonly openFiles?: number
  /** A file for its log, which is then not heard of here. */
  readonly logFile?: string
  /** Further flags. */
  readonly flags?: Readonly<Record<string, string>>
}

/** Node's cache of compiled code, where `npm test` names one: half of a start's CPU time. */
const { NODE_COMPILE_CACHE } = process.env
export const codeCache: Readonly<Record<string, string>> =
  NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }

/** Starts a guard on free ports and returns at once. */
export function startProcess({
  kubeconfig,
  certificateDir,
  config,
  drainSeconds = 0,
  openFiles,
  logFile,
  flags = {},
}: ProcessOptions): GuardProcess {
  const all = {
    host: '127.0.0.1',
    port: '0',
    'probe-port': '0',
    kubeconfig,
    'certificate-dir': certificateDir,
    'drain-seconds': String(drainSeconds),
    ...(config === undefined ? {} : { config }),
    ...flags,
  }
  const command = [
    process.execPath,
    guardProgram,
    ...Object.entries(all).map(([name, value]) => `--${name}=${value}`),
  ]
  const limited = `${openFiles === undefined ? '' : `ulimit -n ${openFiles}; `}exec "$0" "$@"${logFile === undefined ? '' : ` > ${logFile}`}`
  return new GuardProcess(
    spawn('/bin/sh', ['-c', limited, ...command], { stdio: ['ignore', 'pipe', 'pipe'], env: codeCache }),
  )
}

export class GuardProcess {
  readonly lines: LogLine[] = []
  readonly #child: ChildProcess
  readonly #exit: Promise<number | null>
  #stderr = ''
  #heard = Promise.withResolvers<void>()

  constructor(child: ChildProcess) {
    this.#child = child
    child.stderr!.on('data', (chunk: Buffer) => {
      this.#stderr += chunk.toString()
    })
    createInterface({ input: child.stdout! }).on('line', text => {
      // A process that is killed may leave half a line.
      if (text.endsWith('}')) this.lines.push(JSON.parse(text) as LogLine)
      this.#hear()
    })
    // Not as soon as it ends: what it has said last may still be on its way.
    this.#exit = once(child, 'close').then(([code]) => {
      this.#hear()
      return code as number | null
    })
  }

  get stderr(): string {
    return this.#stderr
  }

  /** The first line with this message, now or later; throws when the process ends without it. */
  async line(msg: string, after = 0): Promise<LogLine> {
    for (;;) {
      const found = this.lines.slice(after).find(line => line['msg'] === msg)
      if (found !== undefined) return found
      if (this.#hasEnded) throw new Error(`the guard ended without the line "${msg}": ${this.#stderr}`)
      await this.#heard.promise
    }
  }

  /** The port for the API server. */
  async port(): Promise<number> {
    return (await this.line('listening'))['port'] as number
  }

  /** The answer of one of the plain endpoints. */
  async probe(path: string): Promise<{ readonly status: number; readonly text: string }> {
    const { port } = await this.line('serving probes and metrics')
    const answer = await fetch(`http://127.0.0.1:${String(port)}${path}`)
    return { status: answer.status, text: await answer.text() }
  }

  /** Resolves when it is ready to serve. */
  async ready(): Promise<void> {
    await Promise.all([this.line('cache synced'), this.port()])
    const { status, text } = await this.probe('/readyz')
    if (status !== 200) throw new Error(text)
  }

  /** Reads its log no further, or from here on again. */
  read(isReading: boolean): void {
    if (isReading) this.#child.stdout!.resume()
    else this.#child.stdout!.pause()
  }

  /** Closes the log's end that is ours. */
  hangUp(): void {
    this.#child.stdout!.destroy()
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** The exit code, when it has ended and all that it said is here; null where a signal ended it. */
  ended(): Promise<number | null> {
    return this.#exit
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasEnded) this.signal('SIGKILL')
    await this.#exit
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  #hear(): void {
    this.#heard.resolve()
    this.#heard = Promise.withResolvers()
  }
}
