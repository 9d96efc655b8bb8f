import type { KubeObject } from '../../../objects/kube-object.ts'
import { failureOfStatus, UnreadableWatch } from './api-failure.ts'
import { chunksOf, type Fetch } from './chunks.ts'
import { jsonLines } from './json-lines.ts'
import { isNamed } from './list-pages.ts'

/** What a watch tells. A bookmark says only how far it has come. */
export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubeObject; readonly version: string }
  | { readonly type: 'BOOKMARK'; readonly version: string }

/**
 * The events after a version. An ERROR event is thrown as an ApiFailure, an unreadable one as an
 * UnreadableWatch; types of the future are passed over.
 */
export async function* watchEvents(fetch: Fetch, after: string): AsyncGenerator<WatchEvent> {
  const query = { ...fetch.query, watch: '1', allowWatchBookmarks: 'true', resourceVersion: after }
  for await (const line of jsonLines(chunksOf({ ...fetch, query }))) {
    const event = eventOf(line ?? {})
    if (event !== undefined) yield event
  }
}

interface WatchLine {
  readonly type?: unknown
  readonly object?: KubeObject
}

/** Undefined for an event of a type that we do not know. */
function eventOf({ type, object }: WatchLine): WatchEvent | undefined {
  if (type === 'ERROR') throw failureOfStatus(object)
  const version = object?.metadata?.resourceVersion
  if (typeof type !== 'string' || typeof version !== 'string' || version === '') throw noEvent()
  if (type === 'BOOKMARK') return { type, version }
  if (!isNamed(object)) throw noEvent()
  return type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED' ? { type, object, version } : undefined
}

const noEvent = (): UnreadableWatch => new UnreadableWatch('a line of the watch is not an event')
