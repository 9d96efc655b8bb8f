import type { ChangeFollower } from '../../view/store.ts'
import type { ReadList } from '../read-list.ts'
import { Backoff } from './backoff.ts'
import { isExpired, isRefused } from './stream/api-failure.ts'
import { readText, type Fetch } from './stream/chunks.ts'
import type { Requester } from './stream/requester.ts'
import { pause, systemTimers, type Timers } from './stream/timers.ts'
import { watchEvents } from './stream/watch-events.ts'

/** Who is told, and by which clock. */
interface FollowingLists extends ChangeFollower {
  readonly timers?: Timers
}

/** How long a line may be silent, in milliseconds; the API server sends a bookmark about every minute. */
const idleMs = 120_000
/** A person watches, and is one client of few. */
const waits = { first: 500, longest: 5_000 }
/** A watch that ends sooner, in milliseconds, counts as a failure. */
const shortest = 1_000

/**
 * Reports every change of these lists until the signal, and keeps none of the objects. A watch that breaks continues
 * where it was, after waits that grow; where that version is gone, it continues from the newest one.
 */
export function followLists(
  requester: Requester,
  lists: readonly ReadList[],
  following: FollowingLists,
): void {
  for (const list of lists) void followList(requester, list, following)
}

/** Never rejects. */
async function followList(requester: Requester, list: ReadList, following: FollowingLists): Promise<void> {
  const { onChange, onRefused, signal, timers = systemTimers } = following
  const backoff = new Backoff(timers, waits)
  const fetch: Fetch = { requester, path: list.path, query: list.query, timers, idleMs, signal }
  let position: string | undefined = list.version
  while (!signal.aborted) {
    const begun = timers.elapsed()
    try {
      if (position === undefined) {
        position = await newestVersion(fetch)
        onChange()
      }
      for await (const event of watchEvents(fetch, position)) {
        position = event.version
        backoff.reset()
        if (event.type !== 'BOOKMARK') onChange()
      }
      if (timers.elapsed() - begun < shortest) await pause(timers, backoff.next(), signal)
    } catch (error) {
      if (signal.aborted) return
      if (isRefused(error)) return onRefused()
      if (isExpired(error)) position = undefined
      await pause(timers, backoff.next(), signal)
    }
  }
}

/** The version of the list as it is now. */
async function newestVersion(fetch: Fetch): Promise<string> {
  const text = await readText({ ...fetch, query: { ...fetch.query, limit: '1' } })
  const { metadata } = JSON.parse(text) as { readonly metadata: { readonly resourceVersion: string } }
  return metadata.resourceVersion
}
