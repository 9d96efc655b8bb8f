import { countedShares, type Traffic } from '../../routing/traffic.ts'

/** The largest share of the requests that each version gets at one of the routes, in percent. */
export function largestShares({ entryPoints }: Traffic): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const { version, percent } of entryPoints.flatMap(countedShares).flat())
    found.set(version, Math.max(percent, found.get(version) ?? 0))
  return found
}
