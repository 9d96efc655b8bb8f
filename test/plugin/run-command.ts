import { run } from '../../plugin/cli.ts'
import type { OpenStore } from '../../plugin/open-store.ts'
import type { Streams } from '../../plugin/streams.ts'
import type { Provider } from '../../shared/routing/provider.ts'
import type { Store } from '../../shared/view/store.ts'

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

/** Runs one command line as the shell would, with streams that are kept. */
export async function runCommand(argv: readonly string[], world: World = {}): Promise<Ended> {
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
