/**
 * kubectl in a process that is kept, for the commands of one cluster: a start, the connection and the documents that `apply` reads take a
 * twentieth of a second and more of CPU time, and most commands a fifth of that. Its source is tools/kubernetes/kept-kubectl.
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { AssetsMissing, ensureAssets, givenAsset } from '../assets.ts'
import { endNow, goProgram } from '../processes.ts'
import type { Outcome, ProgramHome, RunOptions } from './run.ts'

/** The commands that end by themselves, without a terminal and without a call to end the process. */
const keptVerbs: ReadonlySet<string> = new Set(
  'annotate api-resources api-versions apply create delete describe diff explain get kustomize label patch replace scale set version'.split(
    ' ',
  ),
)

/** Flags that make a command wait for a person or for ever, or change the log of the whole process. */
const isOfProcess = (arg: string): boolean =>
  /^(-w|-i|-v.*|--(watch|watch-only|interactive|edit|v|vmodule|profile)(=.*)?)$/.test(arg)

/** Whether a command line of kubectl has the same end in a process that is kept. */
export const isForKept = (args: readonly string[]): boolean =>
  keptVerbs.has((args[0] === '-n' ? args[2] : args[0]) ?? '') && !args.some(isOfProcess)

/** How long a command waits for those before it. One that waits for something may wait for what this one does. */
const patienceMs = 2000

type Child = ChildProcessByStdio<Writable, Readable, Readable>

/** kubectl for a cluster; its commands run one after the other. */
export class KeptKubectl {
  readonly #home: ProgramHome
  #started: Promise<Child | undefined> | undefined
  #isBusy = false
  readonly #waiting = new Set<() => void>()

  /** Starts nothing yet. */
  constructor(home: ProgramHome) {
    this.#home = home
  }

  /** How a command ends; nothing where kubectl itself is to be started for it. Throws where the process ends. */
  async run(args: readonly string[], options: RunOptions): Promise<Outcome | undefined> {
    if (options.env !== undefined || !isForKept(args)) return undefined
    const child = await (this.#started ??= this.#start())
    if (child === undefined || !(await this.#hasTurn())) return undefined
    try {
      return await this.#asked(child, args, options)
    } finally {
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

  /** Another kubectl than ours is wanted as it is. */
  async #start(): Promise<Child | undefined> {
    if ((await givenAsset('kubectl')) !== undefined) return undefined
    const path = await ensureAssets(['kept-kubectl']).then(
      assets => assets['kept-kubectl'],
      error => {
        if (error instanceof AssetsMissing) return undefined
        throw error
      },
    )
    if (path === undefined) return undefined
    const child = spawn(path, [], {
      env: { PATH: process.env['PATH'], HOME: this.#home.folder, ...goProgram, GOMAXPROCS: '1' },
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
    if (this.#isBusy) {
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
    this.#isBusy = true
    return true
  }

  #next(): void {
    const [take] = this.#waiting
    if (take === undefined) return
    this.#waiting.delete(take)
    this.#isBusy = true
    take()
  }

  async #asked(child: Child, args: readonly string[], options: RunOptions): Promise<Outcome> {
    const { stdin = '', kubeconfig = this.#home.kubeconfig, cwd = process.cwd() } = options
    const stdout = child.stdout as Socket
    stdout.ref()
    try {
      child.stdin.write(`${JSON.stringify({ args, stdin, kubeconfig, folder: cwd })}\n`)
      return JSON.parse(await line(child)) as Outcome
    } catch (error) {
      throw new Error(`kubectl ${args.join(' ')}: the kept process ended`, { cause: error })
    } finally {
      stdout.unref()
    }
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
