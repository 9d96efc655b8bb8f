import { resources, type Kind } from '../../../objects/kinds.ts'
import { isAbsent } from './api-failure.ts'
import type { Fetch } from './chunks.ts'
import { listPages } from './list-pages.ts'

/**
 * The first version of a kind that the API server answers for; the last one where it answers for none before
 * it.
 */
export async function servedVersion(kind: Kind, fetchOf: (version: string) => Fetch): Promise<string> {
  const { versions } = resources[kind]
  for (const version of versions.slice(0, -1)) {
    const fetch = fetchOf(version)
    try {
      for await (const _ of listPages({ ...fetch, query: { ...fetch.query, limit: '1' } })) break
      return version
    } catch (error) {
      if (!isAbsent(error)) throw error
    }
  }
  return versions.at(-1)!
}
