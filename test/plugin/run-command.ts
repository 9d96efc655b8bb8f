import { execFile } from 'node:child_process'
import { run } from '../../plugin/cli.ts'
import { openStore as openRealStore, type OpenStore } from '../../plugin/open-store.ts'
import type { Streams } from '../../plugin/streams.ts'
import type { Provider } from '../../shared/routing/provider.ts'
import type { Store } from '../../shared/view/store.ts'
import { executable } from '../build/built-programs.ts'

/** How a command ended. */
export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface World {
  readonly store?: Store | OpenStore
  readonly stdin?: string | Streams['stdin']
  readonly env?: Readonly<Record<string, string>>
  readonly isTTY?: boolean
  /** Of the terminal; 80 when left out. */
  readonly columns?: number
  readonly interrupt?: AbortSignal
  readonly now?: Date
  /** A clock that goes on; `now` stands still. */
  readonly clock?: Pick<Streams, 'now' | 'wait'>
  readonly providers?: readonly Provider[]
}

/**
 * Runs one command line as the shell would, with streams that are kept; as a process where CANARY_PROGRAM names an executable and the
 * world has nothing that only this process can give.
 */
export async function runCommand(argv: readonly string[], world: World = {}): Promise<Ended> {
  if (executable !== undefined && isOutside(world)) return runOutside(executable, argv, world)
  const written = { stdout: '', stderr: '' }
  const { store } = world
  const openStore: OpenStore =
    typeof store === 'function'
      ? store
      : async () => {
          if (store === undefined) throw new Error('this command must not open a store')
          return store
        }
  const code = await run(argv, streamsOf(world, written), {
    openStore,
    ...(world.providers && { providers: world.providers }),
  })
  return { code, ...written }
}

const isOutside = ({ store, stdin, env, interrupt, now, clock, providers, isTTY, columns }: World): boolean =>
  store === openRealStore
  && (stdin === undefined || typeof stdin === 'string')
  && [env, interrupt, now, clock, providers, isTTY, columns].every(given => given === undefined)

function runOutside(program: string, argv: readonly string[], { stdin }: World): Promise<Ended> {
  return new Promise(resolve => {
    const options = { env: { KUBECONFIG: '/nonexistent' }, maxBuffer: 64 * 1024 * 1024 }
    const child = execFile(program, [...argv], options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, stdout, stderr }),
    )
    child.stdin?.end(stdin)
  })
}

/** Streams that write into an object. */
export function streamsOf(
  {
    stdin = '',
    env = {},
    isTTY = false,
    columns = 80,
    interrupt = new AbortController().signal,
    now = new Date('2026-08-01T12:00:00Z'),
    clock = { now: () => now, wait: async () => undefined },
  }: World,
  written: { stdout: string; stderr: string },
): Streams {
  return {
    stdin:
      typeof stdin === 'string'
        ? (async function* () {
            yield stdin
          })()
        : stdin,
    stdout: {
      write: text => {
        written.stdout += text
      },
      isTTY,
      columns,
    },
    stderr: {
      write: text => {
        written.stderr += text
      },
      isTTY,
      columns,
    },
    env,
    interrupt,
    ...clock,
  }
}

/** Splits a command line at blanks; for words that hold none. */
export const words = (line: string): string[] => line.split(' ').filter(word => word !== '')
