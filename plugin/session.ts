import type { Store } from '../shared/view/store.ts'
import type { GlobalFlags } from './flags/global-flags.ts'
import type { OpenStore } from './open-store.ts'
import { paintOf } from './print/colour.ts'
import { wantsColour, type Streams } from './streams.ts'

/** One run of the program: what was typed, where to talk, and the store that it is about. */
export class Session {
  readonly argv: readonly string[]
  readonly streams: Streams
  readonly #openStore: OpenStore
  /** What the shell will be told when nothing goes wrong; `lint` sets 3. */
  exitCode = 0
  /** Whether the command is one that writes. */
  isEditing = false
  #flags: GlobalFlags | undefined
  #store: Promise<Store> | undefined
  #holding = false
  readonly #told = new Set<string>()
  readonly #others: Promise<Store>[] = []

  constructor(argv: readonly string[], streams: Streams, openStore: OpenStore) {
    this.argv = argv
    this.streams = streams
    this.#openStore = openStore
  }

  /** The flags that every command takes; there as soon as a command acts. */
  get flags(): GlobalFlags {
    if (this.#flags === undefined) throw new TypeError('the flags are not read yet')
    return this.#flags
  }

  set flags(flags: GlobalFlags) {
    this.#flags = flags
  }

  /** The store that the flags name, opened once: files with `-f`, else the cluster. */
  store(): Promise<Store> {
    this.#store ??= this.#openStore(this.flags, this.streams)
    return this.#store
  }

  /** Another store than the one that the flags name; closed with the session. */
  open(flags: GlobalFlags): Promise<Store> {
    const opened = this.#openStore(flags, this.streams)
    this.#others.push(opened)
    return opened
  }

  /** The result: one text, ended by a newline. */
  say(text: string): void {
    this.streams.stdout.write(ended(text))
  }

  /** The talk: notes, warnings, progress. */
  note(text: string): void {
    this.streams.stderr.write(ended(text))
  }

  /** Things to know that were not asked, each told once, however often they are found. */
  tell(notes: readonly string[]): void {
    const untold = notes.filter(text => !this.#told.has(text))
    // Whether stderr is a terminal is asked only where there is something to write: it opens the stream.
    if (untold.length === 0) return
    const { yellow } = paintOf(wantsColour(this.streams.stderr, this.streams.env))
    for (const note of new Set(untold)) {
      this.#told.add(note)
      this.note(`${yellow('note:')} ${note}`)
    }
  }

  /** While this runs, Ctrl-C waits, so that nothing is left half-written. */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    this.#holding = true
    try {
      return await work()
    } finally {
      this.#holding = false
    }
  }

  get holding(): boolean {
    return this.#holding
  }

  async close(): Promise<void> {
    for (const opened of [this.#store, ...this.#others]) await (await opened?.catch(() => undefined))?.close()
  }
}

const ended = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`)
