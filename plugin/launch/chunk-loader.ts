import fs from 'node:fs'
import path from 'node:path'
import vm from 'node:vm'
import type { CodeCache } from './code-cache.ts'
import type { Code } from './packed-code.ts'

/** A CommonJS module as its code sees it. */
interface ChunkModule {
  exports: unknown
}

/** `require` loads another chunk or one of Node's own modules at once, `late` as `import()` does. */
type ChunkBody = (
  module: ChunkModule,
  require: (id: string) => unknown,
  late: (id: string) => Promise<unknown>,
) => void

/** Loads the chunks of the bundle, which are CommonJS files of one folder, with the code that a cache has of them. */
export class ChunkLoader {
  readonly #folder: string
  readonly #cache: CodeCache | undefined
  readonly #builtin: (id: string) => unknown
  readonly #modules = new Map<string, ChunkModule>()
  readonly #scripts = new Map<string, vm.Script>()
  #buffer = Buffer.allocUnsafeSlow(512 << 10)

  /** `builtin` loads what is no chunk: Node's own modules. */
  constructor(folder: string, cache: CodeCache | undefined, builtin: (id: string) => unknown) {
    this.#folder = folder
    this.#cache = cache
    this.#builtin = builtin
  }

  /**
   * The exports of a chunk. Undefined for one that is being loaded, where what it exports is asked for: chunks do
   * not import each other.
   */
  load(file: string): unknown {
    const known = this.#modules.get(file)
    if (known !== undefined) return known.exports
    const module: ChunkModule = { exports: undefined }
    this.#modules.set(file, module)
    this.#bodyOf(file)(module, this.#require, this.#late)
    return module.exports
  }

  readonly #require = (id: string): unknown =>
    id.startsWith('./') ? this.load(id.slice(2)) : this.#builtin(id)

  readonly #late = (id: string): Promise<unknown> => Promise.resolve().then(() => this.#require(id))

  /** Hands the cache what this run has compiled, where it has use for that. */
  keepCode(): void {
    if (this.#cache?.wants([...this.#scripts.keys()]) !== true) return
    const code: Code = Object.fromEntries(
      [...this.#scripts].map(([file, script]) => [file, script.createCachedData()]),
    )
    this.#cache.keep(code)
  }

  #bodyOf(file: string): ChunkBody {
    const filename = `${this.#folder}${path.sep}${file}`
    const text = this.#read(filename)
    const cachedData = this.#cache?.codeOf(file)
    const script = new vm.Script(text, { filename, ...(cachedData && { cachedData }) })
    this.#scripts.set(file, script)
    return script.runInThisContext() as ChunkBody
  }

  /**
   * The text of a file, by way of one buffer for all: memory that is used for the first time costs more than the
   * reading. The bundler writes ASCII only, and each chunk as a function, so that the text is not copied.
   */
  #read(filename: string): string {
    const file = fs.openSync(filename, 'r')
    try {
      let length = 0
      for (;;) {
        const read = fs.readSync(file, this.#buffer, length, this.#buffer.length - length, null)
        if (read === 0) return this.#buffer.toString('latin1', 0, length)
        length += read
        if (length === this.#buffer.length)
          this.#buffer = Buffer.concat([this.#buffer], 2 * this.#buffer.length)
      }
    } finally {
      fs.closeSync(file)
    }
  }
}
