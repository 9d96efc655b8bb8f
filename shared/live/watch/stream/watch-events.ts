import type { KubeObject } from '../../../objects/kube-object.ts'
import { failureOfStatus, UnreadableWatch } from './api-failure.ts'
import { chunksOf, type Fetch } from './chunks.ts'
import { jsonLines } from './json-lines.ts'
import { isNamed } from './list-pages.ts'

/** What a watch tells. A bookmark says only how far it has come. */
export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubeObject; readonly version: string }
  | { readonly type: 'BOOKMARK'; readonly version: string }

/** The events after a version. An ERROR event is thrown as an ApiFailure, an unreadable one as an UnreadableWatch; types of the future are passed over. */
export async function* watchEvents(fetch: Fetch, after: string): AsyncGenerator<WatchEvent> {
  const query = { ...fetch.query, watch: '1', allowWatchBookmarks: 'true', resourceVersion: after }
  for await (const line of jsonLines(chunksOf({ ...fetch, query }))) {
    const { type, object } = (line ?? {}) as { readonly type?: unknown; readonly object?: KubeObject }
    if (type === 'ERROR') throw failureOfStatus(object)
    const version = object?.metadata?.resourceVersion
    const isEvent =
      typeof type === 'string'
      && typeof version === 'string'
      && version !== ''
      && (type === 'BOOKMARK' || isNamed(object))
    if (!isEvent) throw new UnreadableWatch('a line of the watch is no event')
    if (type === 'BOOKMARK') yield { type, version }
    if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED')
      yield { type, object: object!, version }
  }
}
