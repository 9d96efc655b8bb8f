import { Backoff } from '../../shared/live/watch/backoff.ts'
import { jsonLines } from '../../shared/live/watch/stream/json-lines.ts'
import { pause, type Timers } from '../../shared/live/watch/stream/timers.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'

/** An answer that goes on, as a watch's does. */
export interface Streamer {
  stream(asked: {
    readonly path: string
    readonly query: Readonly<Record<string, string>>
    readonly signal: AbortSignal
  }): Promise<{ readonly status: number; readonly body: AsyncIterable<Uint8Array> }>
}

/** One object by name, in the collection at a path. */
export interface Followed {
  readonly path: string
  readonly name: string
  /** Called with the object as it is when the watch begins, and for every change; must not throw. */
  readonly onEvent: (object: KubeObject) => void
}

/** The server ends a watch after so many seconds; a line that lasts longer is dead. */
const watchSeconds = 240
const deadLineMs = 300_000
const retries = { first: 1000, longest: 60_000 }

/**
 * Follows one object until the signal, whatever happens to the line; never rejects. It may miss a change
 * while the line is down, so whoever must not
 * miss any also looks now and then. Needs the right to watch this one name and nothing more.
 */
export async function followObject(
  connection: Streamer,
  { path, name, onEvent }: Followed,
  { timers, signal }: { readonly timers: Timers; readonly signal: AbortSignal },
): Promise<void> {
  const backoff = new Backoff(timers, retries)
  while (!signal.aborted) {
    const ended = new AbortController()
    try {
      const query = {
        watch: '1',
        fieldSelector: `metadata.name=${name}`,
        timeoutSeconds: String(watchSeconds),
      }
      const answer = await connection.stream({
        path,
        query,
        signal: AbortSignal.any([signal, ended.signal, AbortSignal.timeout(deadLineMs)]),
      })
      if (answer.status !== 200) throw new Error(String(answer.status))
      for await (const line of jsonLines(answer.body)) {
        const { type, object } = line as { readonly type?: string; readonly object?: KubeObject }
        if (type === 'ERROR' || object === undefined) break
        backoff.reset()
        onEvent(object)
      }
    } catch {
      // The next line is the answer to every failure of this one.
    } finally {
      ended.abort()
    }
    await pause(timers, backoff.next(), signal)
  }
}
