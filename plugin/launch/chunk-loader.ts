import fs from 'node:fs'
import path from 'node:path'
import vm from 'node:vm'
import type { CodeCache } from './code-cache.ts'
import type { Code } from './packed-code.ts'

/** A CommonJS module as its code sees it. */
interface ChunkModule {
  exports: unknown
}

type ChunkBody = (module: ChunkModule, exports: unknown, require: (id: string) => unknown) => void

/** Loads the chunks of the bundle, which are CommonJS files of one folder, with the code that a cache has of them. */
export class ChunkLoader {
  readonly #folder: string
  readonly #cache: CodeCache | undefined
  readonly #builtin: (id: string) => unknown
  readonly #modules = new Map<string, ChunkModule>()
  readonly #scripts = new Map<string, vm.Script>()

  /** `builtin` loads what is no chunk: Node's own modules. */
  constructor(folder: string, cache: CodeCache | undefined, builtin: (id: string) => unknown) {
    this.#folder = folder
    this.#cache = cache
    this.#builtin = builtin
  }

  /** The exports of a chunk. Chunks that import each other see what the other has exported so far, as with Node's `require`. */
  load(file: string): unknown {
    const known = this.#modules.get(file)
    if (known !== undefined) return known.exports
    const module: ChunkModule = { exports: {} }
    this.#modules.set(file, module)
    this.#bodyOf(file)(module, module.exports, id =>
      id.startsWith('./') ? this.load(id.slice(2)) : this.#builtin(id),
    )
    return module.exports
  }

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
    // The bundler writes ASCII only, which is the fastest to read and to keep.
    const text = `(function(module,exports,require){${fs.readFileSync(filename, 'latin1')}\n})`
    const cachedData = this.#cache?.codeOf(file)
    const script = new vm.Script(text, { filename, ...(cachedData && { cachedData }) })
    this.#scripts.set(file, script)
    return script.runInThisContext() as ChunkBody
  }
}
