import type { MeshOverrides } from '../shared/view/mesh.ts'
import type { Store } from '../shared/view/store.ts'
import type { Intent } from './edit/intent.ts'
import type { CommandLine } from './flags/argv.ts'
import type { GlobalFlags } from './flags/global-flags.ts'
import { typedAgain } from './flags/typed-again.ts'
import type { Provider } from '../shared/routing/provider.ts'
import type { Backend, OpenStore } from './open-store.ts'
import { forTerminal, paintOf } from './print/colour.ts'
import { meshFor, readingBy } from './read/stores/mesh-settings.ts'
import { wantsColour, type Streams } from './streams.ts'

/** One run of the program: what was typed, where its text goes, and its store. */
export class Session {
  readonly argv: readonly string[]
  readonly streams: Streams
  /** The routing APIs; undefined means all that there are. */
  readonly providers: readonly Provider[] | undefined
  readonly #openStore: OpenStore
  /** The exit code when nothing goes wrong; `lint` sets 3. */
  exitCode = 0
  /** The name of the command that runs, for messages. */
  verb = ''
  /** The command as it was typed, for hints that repeat it with one more word. */
  typed: CommandLine = { command: '' }
  /** The flags as they were typed, for hints with other words before them. */
  flagWords: readonly string[] = []
  /** Whether the command is one that writes. */
  isEditing = false
  /** The command ends by itself where it is interrupted, after it has left everything in order. */
  endsItself = false
  #flags: GlobalFlags | undefined
  #store: Promise<Store> | undefined
  #mesh: Promise<MeshOverrides> | undefined
  #holding = false
  /** How many texts were written to stderr. */
  notes = 0
  /** Takes the intent of an edit instead of applying it. */
  takeIntent: ((intent: Intent) => void) | undefined
  /** The intent of an edit from its words, as they are typed after `kubectl canary`; set as soon as a command acts. */
  intentIn: ((words: readonly string[]) => Promise<Intent>) | undefined
  /** Runs another command line with the same streams, to its exit code; set as soon as a command acts. */
  runAlso: (words: readonly string[]) => Promise<number> = () =>
    Promise.reject(new TypeError('no program is there'))
  /** Takes the notes while a screen is drawn, over which they would be written. */
  takeNote: ((text: string) => void) | undefined
  readonly #noted = new Set<string>()
  readonly #others: Promise<Store>[] = []

  constructor(argv: readonly string[], streams: Streams, { openStore, providers }: Backend) {
    this.argv = argv
    this.streams = streams
    this.#openStore = openStore
    this.providers = providers
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
    this.#store ??= this.#opened(this.flags)
    return this.#store
  }

  /** Another store than the one that the flags name; closed with the session. */
  open(flags: GlobalFlags): Promise<Store> {
    const opened = this.#opened(flags)
    this.#others.push(opened)
    return opened
  }

  /** Every read is by the same settings, also that of a cluster on which files are laid. */
  async #opened(flags: GlobalFlags): Promise<Store> {
    this.#mesh ??= meshFor(this.flags)
    const mesh = await this.#mesh
    return readingBy(mesh, await this.#openStore(flags, this.streams))
  }

  /** The result: one text, ended by a newline. */
  say(text: string): void {
    this.streams.stdout.write(forTerminal(ended(text)))
  }

  /** Notes, warnings and progress; their commands are about the same files and routing API as the one that was typed. */
  note(given: string): void {
    const text = this.#flags === undefined ? given : typedAgain(given, this.#flags)
    this.notes++
    if (this.takeNote === undefined) this.streams.stderr.write(forTerminal(ended(text)))
    else this.takeNote(text)
  }

  /** Notes beside the result, each printed once, however often it is found. */
  noteOnce(notes: readonly string[]): void {
    const fresh = notes.filter(text => !this.#noted.has(text))
    // Whether stderr is a terminal is asked only where there is something to write: it opens the stream.
    if (fresh.length === 0) return
    const { yellow } = paintOf(wantsColour(this.streams.stderr, this.streams.env))
    for (const note of new Set(fresh)) this.#noteFirst(note, `${yellow('note:')} ${note}`)
  }

  /** A line without a mark, once: that there is nothing to show, or that a step is tried again. */
  noteLine(text: string): void {
    if (!this.#noted.has(text)) this.#noteFirst(text, text)
  }

  #noteFirst(note: string, text: string): void {
    this.#noted.add(note)
    this.note(text)
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
