import { resources, type Kind } from '../../../objects/kinds.ts'
import { ApiFailure, isAbsent } from './api-failure.ts'
import type { Fetch } from './chunks.ts'
import { listPages } from './list-pages.ts'

/**
 * The first version of a kind that the API server answers for. Fails as absent where it answers for none.
 *
 * A definition that is established between two questions answers the second alone, so that the versions before the
 * one that was found are asked for once more: else the watch would follow an old version for as long as it runs.
 */
export async function servedVersion(kind: Kind, fetchOf: (version: string) => Fetch): Promise<string> {
  const { versions } = resources[kind]
  if (versions.length === 1) return versions[0]!
  const found = await firstServed(versions, fetchOf)
  if (found === undefined) throw new ApiFailure(404, `no version of ${kind} is served`)
  const better = versions.slice(0, versions.indexOf(found))
  return (await firstServed(better, fetchOf)) ?? found
}

async function firstServed(
  versions: readonly string[],
  fetchOf: (version: string) => Fetch,
): Promise<string | undefined> {
  for (const version of versions) {
    const fetch = fetchOf(version)
    try {
      for await (const _ of listPages({ ...fetch, query: { ...fetch.query, limit: '1' } })) break
      return version
    } catch (error) {
      if (!isAbsent(error)) throw error
    }
  }
  return undefined
}
