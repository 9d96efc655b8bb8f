import { firstPlaces } from '../../objects/text/first-places.ts'
import { formatPath, type Rule } from '../rule.ts'
import { isWeight, weightedRoutes, type WeightedTarget } from '../facts/weighted-route.ts'

/**
 * Two entries for one destination add their weights, which is hardly ever what the writer of either meant.
 */
export const repeatedDestination: Rule<'VirtualService'> = {
  id: 'repeated-destination',
  severity: { webhook: 'warning', lint: 'warning' },
  summary: 'A route lists each destination (host, subset, port and headers) once.',
  fix: 'Merge the entries into one that has the sum of their weights.',
  subject: 'VirtualService',
  reads: [],
  isAboutWeights: true,
  *check(view, subject) {
    for (const { targets } of weightedRoutes(view, subject)) {
      const places = firstPlaces(targets.map(({ way }) => way))
      for (const { name, way, label, path, weight } of targets) {
        const first = targets[places.get(way)!]!
        if (first.path === path) continue
        yield {
          path: [...path, 'destination'],
          message: `${label} is listed twice in this route, first at ${formatPath(first.path)}`,
          about: name,
          fix: `Remove ${formatPath(path)} and ${mergedWeight(first, weight, targets.length === 2)}.`,
        }
      }
    }
  },
}

/** What the first entry is to have; the only one that remains gets all requests. */
const mergedWeight = ({ path, weight }: WeightedTarget, other: unknown, isOnly: boolean): string =>
  isWeight(weight ?? 0) && isWeight(other ?? 0)
    ? `set ${formatPath([...path, 'weight'])}: ${isOnly ? 100 : Number(weight ?? 0) + Number(other ?? 0)}`
    : `add its weight to ${formatPath(path)}`
