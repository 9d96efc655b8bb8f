import { Backoff } from '../../shared/live/watch/backoff.ts'
import { jsonLines } from '../../shared/live/watch/stream/json-lines.ts'
import { pause, type Timers } from '../../shared/live/watch/stream/timers.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import type { ApiStreams } from './api-connection.ts'

/** One object by name, in the collection at a path. */
export interface FollowedObject {
  readonly path: string
  readonly name: string
  /** Called with the object when the watch begins, and after every change; must not throw. */
  readonly onEvent: (object: KubeObject) => void
}

/** The server ends a watch after this time; a connection that lasts longer is broken. */
const watchSeconds = 240
const longestWatchMs = 300_000
const retries = { first: 1000, longest: 60_000 }

/**
 * Watches one object until the signal, and starts again after every failure; never rejects. It can miss a change
 * while there is no connection, so a caller that must not miss any also checks periodically. Needs the right to
 * watch this one name and nothing more.
 */
export async function followObject(
  connection: ApiStreams,
  { path, name, onEvent }: FollowedObject,
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
      const response = await connection.stream({
        path,
        query,
        signal: AbortSignal.any([signal, ended.signal, AbortSignal.timeout(longestWatchMs)]),
      })
      if (response.status !== 200) throw new Error(String(response.status))
      for await (const line of jsonLines(response.body)) {
        const { type, object } = line as { readonly type?: string; readonly object?: KubeObject }
        if (type === 'ERROR' || object === undefined) break
        backoff.reset()
        onEvent(object)
      }
    } catch {
      // The next watch starts after the pause, whatever the failure was.
    } finally {
      ended.abort()
    }
    await pause(timers, backoff.next(), signal)
  }
}
