/**
 * Programs in a process that is kept for many commands, which they answer one after the other: tools/kubernetes/kept-kubectl/serve.go is the
 * other side. A start takes a twentieth of a second of CPU time, and most commands a fifth of that.
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { AssetsMissing, ensureAssets, givenAsset } from '../assets.ts'
import { endNow, goProgram } from '../processes.ts'
import type { Outcome } from './run.ts'

/** One command, in a folder. */
export interface KeptCommand {
  readonly args: readonly string[]
  readonly stdin: string
  readonly folder: string
  /** Beside what the program has been started with. */
  readonly environment: Readonly<Record<string, string>>
}

/** A program and what is built to keep it. */
export interface KeptTool {
  readonly program: 'kubectl' | 'helm4'
  readonly kept: 'kept-kubectl' | 'kept-helm4'
  /** Its home folder. */
  readonly home: string
}

/** How long a command waits for those before it. One that waits for something may wait for what this one does. */
const patienceMs = 2000

type Child = ChildProcessByStdio<Writable, Readable, Readable>

/** One process of a program. It does not keep this process alive, and ends with it. */
export class KeptProgram {
  readonly #tool: KeptTool
  #started: Promise<Child | undefined> | undefined
  #isBusy = false
  readonly #waiting = new Set<() => void>()

  /** Starts nothing yet. */
  constructor(tool: KeptTool) {
    this.#tool = tool
  }

  /** How a command ends; nothing where the program itself is to be started for it. Throws where the process ends. */
  async run(command: KeptCommand): Promise<Outcome | undefined> {
    const child = await (this.#started ??= this.#start())
    if (child === undefined || !(await this.#hasTurn())) return undefined
    const stdout = child.stdout as Socket
    stdout.ref()
    try {
      child.stdin.write(`${JSON.stringify(command)}\n`)
      return JSON.parse(await line(child)) as Outcome
    } catch (cause) {
      throw new Error(`${this.#tool.program} ${command.args.join(' ')}: the kept process ended`, { cause })
    } finally {
      stdout.unref()
      this.#isBusy = false
      this.#next()
    }
  }

  /** Ends the process. */
  async stop(): Promise<void> {
    const child = await this.#started
    this.#started = Promise.resolve(undefined)
    if (child !== undefined) await endNow(child)
  }

  async #start(): Promise<Child | undefined> {
    const { program, kept, home } = this.#tool
    // Another one than ours is wanted as it is.
    if ((await givenAsset(program)) !== undefined) return undefined
    const path = await ensureAssets([kept]).then(
      assets => assets[kept],
      error => {
        if (error instanceof AssetsMissing) return undefined
        throw error
      },
    )
    if (path === undefined) return undefined
    const child = spawn(path, [], {
      env: { PATH: process.env['PATH'], HOME: home, ...goProgram, GOMAXPROCS: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    await once(child, 'spawn')
    child.stdin.on('error', () => {})
    child.unref()
    for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as Socket).unref()
    return child
  }

  /** Waits until no other command runs, but not for long. */
  async #hasTurn(): Promise<boolean> {
    if (!this.#isBusy) {
      this.#isBusy = true
      return true
    }
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const take = () => resolve(true)
    this.#waiting.add(take)
    const timer = setTimeout(() => {
      this.#waiting.delete(take)
      resolve(false)
    }, patienceMs)
    const isTaken = await promise
    clearTimeout(timer)
    return isTaken
  }

  #next(): void {
    const [take] = this.#waiting
    if (take === undefined) return
    this.#waiting.delete(take)
    this.#isBusy = true
    take()
  }
}

/** The one line that a process answers; throws with what it wrote to its stderr where it ends instead. */
function line({ stdout, stderr }: Child): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const [chunks, said]: [Buffer[], Buffer[]] = [[], []]
  const take = (chunk: Buffer): void => {
    chunks.push(chunk)
    if (chunk.at(-1) === '\n'.charCodeAt(0)) resolve(Buffer.concat(chunks).toString())
  }
  const hear = (chunk: Buffer): void => void said.push(chunk)
  const end = (): void => reject(new Error(Buffer.concat(said).toString().slice(-4000)))
  if (stdout.closed) end()
  stdout.on('data', take).once('close', end)
  stderr.on('data', hear)
  return promise.finally(() => {
    stdout.off('data', take).off('close', end)
    stderr.off('data', hear)
  })
}
