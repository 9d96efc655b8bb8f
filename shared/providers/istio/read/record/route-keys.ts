import { hashOf } from '../../../../objects/text/hash-text.ts'
import type { AnyRoute } from '../routes/base-routes.ts'

/**
 * What each route of a list is called in what we write down, so that it is found again wherever it has moved:
 * its name, else a hash of what it asks.
 * Of several alike, all but the first get a number.
 */
export function routeKeys(routes: readonly AnyRoute[]): ReadonlyMap<AnyRoute, string> {
  const keys = new Map<AnyRoute, string>()
  const taken = new Map<string, number>()
  for (const route of routes) {
    const key = route.name ?? askedBy(route)
    const before = taken.get(key) ?? 0
    taken.set(key, before + 1)
    keys.set(route, before === 0 ? key : `${key}.${before + 1}`)
  }
  return keys
}

/** What a route asks, as a key. */
export const askedBy = ({ match }: AnyRoute): string => `#${hashOf(JSON.stringify(match ?? []))}`
