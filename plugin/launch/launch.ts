import { ChunkLoader } from './chunk-loader.ts'
import { CodeCache, codeFolder, type Machine } from './code-cache.ts'

/** The process, as far as starting needs it. */
export interface LaunchedProcess extends Omit<Machine, 'uid'> {
  readonly argv: readonly string[]
  readonly version: string
  readonly arch: string
  exitCode?: number | string | null | undefined
  getuid?(): number
  on(event: 'exit', listener: (code: number) => void): unknown
}

/** What the stub knows: the folder of the chunks, what names this build, and how Node's own modules are loaded. */
export interface Launch {
  readonly mode: 'command' | 'complete'
  readonly folder: string
  readonly build: string
  readonly builtin: (id: string) => unknown
}

/** The chunk that the program starts with, and what it exports. */
const first = 'main.cjs'
interface FirstChunk {
  start(mode: Launch['mode']): Promise<void>
}

/** The exit code of a usage error. It ends before most of a command is loaded, so its code would be a poor sample. */
const usageError = 2

/** Starts the bundled program with the code that earlier starts have compiled. */
export function launch(how: Launch, process: LaunchedProcess): Promise<void> {
  const { env, platform, pid } = process
  const machine: Machine = { env, platform, pid, uid: process.getuid?.() }
  const folder = codeFolder(machine)
  const cache = folder === undefined ? undefined : new CodeCache(folder, cacheName(how, process), machine)
  const loader = new ChunkLoader(how.folder, cache, how.builtin)
  process.on('exit', code => {
    if (code !== usageError) loader.keepCode()
  })
  return (loader.load(first) as FirstChunk).start(how.mode)
}

/** Commands of one kind call much the same functions: those of one verb, on files or on a cluster. */
function cacheName({ mode, build }: Launch, { argv, version, arch }: LaunchedProcess): string {
  const words = argv.slice(2)
  const verb = mode === 'command' ? (words.find(word => !word.startsWith('-')) ?? 'help') : mode
  const onFiles = words.some(word => /^(-f|--filename)/.test(word))
  return [build, version, arch, /^[a-z]{3,12}$/.test(verb) ? verb : 'other', onFiles ? 'files' : 'live'].join(
    '-',
  )
}
