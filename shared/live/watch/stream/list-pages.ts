import type { KubeObject } from '../../../objects/kube-object.ts'
import { readText, type Fetch } from './chunks.ts'

/** Objects of one page, and the version of the whole list, which is the same on every page. */
export interface Page {
  readonly version: string
  readonly items: readonly KubeObject[]
}

/** Small enough that pages of large objects, of several kinds at once, are no burden on the memory; 10,000 objects are a hundred requests. */
const pageSize = 100

/** What is listed: `exactly` asks for the list as it stood at that version. */
export interface List extends Fetch {
  readonly exactly?: string
}

/** The pages of a list, one at a time. Throws as `chunksOf` does; a list that expires between two pages is an ApiFailure 410. */
export async function* listPages({ exactly, ...fetch }: List): AsyncGenerator<Page> {
  const asked = exactly === undefined ? {} : { resourceVersion: exactly, resourceVersionMatch: 'Exact' }
  let query: Readonly<Record<string, string>> = { ...fetch.query, limit: String(pageSize), ...asked }
  while (true) {
    const { items, metadata } = readList(await readText({ ...fetch, query }))
    yield { version: metadata.resourceVersion, items }
    const next = metadata.continue
    if (next === undefined || next === '') return
    query = { ...fetch.query, limit: String(pageSize), continue: next }
  }
}

interface ListBody {
  readonly items: readonly KubeObject[]
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string }
}

function readList(text: string): ListBody {
  const body = JSON.parse(text) as { readonly items?: readonly KubeObject[] | null; readonly metadata?: ListBody['metadata'] }
  if (typeof body.metadata?.resourceVersion !== 'string') throw new Error('the answer is not a list')
  return { items: body.items ?? [], metadata: body.metadata }
}
