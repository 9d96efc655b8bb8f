import fs from 'node:fs'
import path from 'node:path'
import { packed, unpacked, type Code, type KeptCode } from './packed-code.ts'

/** The parts of the machine that the cache depends on. */
export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: string
  readonly pid: number
  /** Undefined on Windows, where owners have no numbers. */
  readonly uid: number | undefined
}

/** Several runs of a command call nearly all functions that it ever calls. Each collection takes about 20 ms. */
const enoughRuns = 3

/** So many kinds of commands are kept, of 1 to 2 MB each. */
const mostFiles = 16

/**
 * Where compiled code is kept for a person, as the platform has it (XDG Base Directory Specification, Apple's File
 * System Programming Guide, Windows' known folders). Undefined where there is no such place, or where
 * NODE_DISABLE_COMPILE_CACHE asks for none, as for Node's own cache.
 */
export function codeFolder({ env, platform }: Machine): string | undefined {
  const within = (base: string | undefined, ...parts: readonly string[]): string | undefined =>
    base !== undefined && path.isAbsolute(base)
      ? path.join(base, ...parts, 'kubectl-canary', 'code')
      : undefined
  if (env['NODE_DISABLE_COMPILE_CACHE']) return undefined
  if (platform === 'win32') return within(env['LOCALAPPDATA'])
  const inHome = platform === 'darwin' ? ['Library', 'Caches'] : ['.cache']
  return within(env['XDG_CACHE_HOME']) ?? within(env['HOME'], ...inHome)
}

/**
 * The compiled code of one kind of command, kept from one start to the next.
 *
 * Node's own compile cache holds what V8 compiles when it loads a file. That is little more than an outline: most
 * functions are compiled when they are first called, which takes more than half of the time of a short command. The
 * code that a `vm.Script` gives after it has run holds the functions that were called
 * (https://nodejs.org/api/vm.html#scriptcreatecacheddata).
 *
 * No error reaches the command: where the cache cannot be read or written, the code is compiled anew.
 */
export class CodeCache {
  readonly #folder: string
  readonly #file: string
  readonly #machine: Machine
  readonly #kept: KeptCode | undefined

  /** `name` distinguishes what may not be mixed (builds, versions of Node, kinds of commands); it is a file's name. */
  constructor(folder: string, name: string, machine: Machine) {
    this.#folder = folder
    this.#file = path.join(folder, name)
    this.#machine = machine
    this.#kept = unlessItFails(() => this.#read())
  }

  /** The code that was kept for a file. */
  codeOf(file: string): Buffer | undefined {
    return this.#kept?.code[file]
  }

  /** Whether a run that loaded these files has code to add. */
  wants(files: readonly string[]): boolean {
    const kept = this.#kept
    return kept === undefined || kept.runs < enoughRuns || files.some(file => kept.code[file] === undefined)
  }

  /** Keeps the code of a run beside that of files which it did not load. */
  keep(code: Code): void {
    unlessItFails(() => {
      fs.mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
      if (!this.#isOurs()) return
      const runs = (this.#kept?.runs ?? 0) + 1
      // Renamed into place, so that no other command reads half of it.
      const draft = `${this.#file}.${this.#machine.pid}`
      fs.writeFileSync(draft, packed({ code: { ...this.#kept?.code, ...code }, runs }), {
        mode: 0o600,
        flush: true,
      })
      fs.renameSync(draft, this.#file)
      this.#removeOldest()
    })
  }

  #read(): KeptCode | undefined {
    return this.#isOurs() ? unpacked(fs.readFileSync(this.#file)) : undefined
  }

  /** Compiled code runs as it is: nobody else may be able to write it. */
  #isOurs(): boolean {
    const { uid } = this.#machine
    const stats = fs.lstatSync(this.#folder)
    return stats.isDirectory() && (uid === undefined || (stats.uid === uid && (stats.mode & 0o022) === 0))
  }

  #removeOldest(): void {
    const files = fs.readdirSync(this.#folder).map(name => {
      const file = path.join(this.#folder, name)
      return { file, written: fs.statSync(file).mtimeMs }
    })
    for (const { file } of files.toSorted((a, b) => b.written - a.written).slice(mostFiles))
      fs.rmSync(file, { force: true })
  }
}

function unlessItFails<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
