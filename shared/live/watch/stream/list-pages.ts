import type { KubeObject } from '../../../objects/kube-object.ts'
import { readText, type Fetch } from './chunks.ts'
import { parseJson } from './parse-json.ts'

/**
 * Objects of one page, which are there until the next page is asked for, and the version of the whole list, which is the same
 * on every page.
 */
export interface Page {
  readonly version: string
  readonly items: readonly KubeObject[]
}

/**
 * Small enough that pages of large objects, of several kinds at once, are no burden on the memory; 10,000
 * objects are a hundred requests.
 */
const pageSize = 100

/** What is listed: `exactly` asks for the list as it stood at that version. */
export interface ListRequest extends Fetch {
  readonly exactly?: string
}

/**
 * The pages of a list, one at a time, without what has no name, as no API server sends it. Throws as
 * `chunksOf` does; a list that expires between two pages
 * is an ApiFailure 410, and what is no list, or has no end, is an Error.
 */
export async function* listPages({ exactly, ...fetch }: ListRequest): AsyncGenerator<Page> {
  const asked = exactly === undefined ? {} : { resourceVersion: exactly, resourceVersionMatch: 'Exact' }
  let query: Readonly<Record<string, string>> = { ...fetch.query, limit: String(pageSize), ...asked }
  while (true) {
    const { items, metadata } = await readPage({ ...fetch, query })
    yield { version: metadata.resourceVersion, items }
    // Whoever waits for the next page keeps no garbage: else it grows old, and to collect it takes as long as the cache is large.
    items.length = 0
    const next = metadata.continue
    if (next === undefined || next === '') return
    if (next === query['continue'])
      throw new Error('the list does not end: a page refers to itself as the next one')
    query = { ...fetch.query, limit: String(pageSize), continue: next }
  }
}

interface ListBody {
  readonly items: KubeObject[]
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string }
}

/** A function of its own, as a generator that waits keeps what it has called others with: here the text of a page. */
const readPage = async (fetch: Fetch): Promise<ListBody> => readList(await readText(fetch))

function readList(text: string): ListBody {
  const { items, metadata } = (parseJson(text) ?? {}) as {
    readonly items?: unknown
    readonly metadata?: ListBody['metadata'] | null
  }
  // Without its version nothing could be watched, and without items it is something else, such as a Table. Go
  // writes an empty list as null.
  const isList = items === null || Array.isArray(items)
  if (!isList || typeof metadata?.resourceVersion !== 'string' || metadata.resourceVersion === '')
    throw new Error('the response is not a list')
  return { items: (items ?? []).filter(isNamed), metadata }
}

/** Whether a value can be told from others of its kind. */
export function isNamed(value: unknown): value is KubeObject {
  const { metadata } = (value ?? {}) as { readonly metadata?: { readonly name?: unknown } | null }
  return typeof metadata?.name === 'string' && metadata.name !== ''
}
