import { formatPath, type Rule } from '../rule.ts'
import {
  aboutWeights,
  isMisspelled,
  isWeight,
  weightedRoutes,
  type WeightedTarget,
} from '../facts/weighted-route.ts'
import { apportion } from '../facts/apportion.ts'

/**
 * Where several destinations stand, one without a weight gets nothing. The commonest cause is the key written
 * one level too deep.
 */
export const missingWeight: Rule<'VirtualService'> = {
  id: 'missing-weight',
  severity: { webhook: 'warning', lint: 'warning' },
  summary: 'In a route with several destinations, every destination has a weight.',
  fix: 'Set a weight on every destination, next to `destination` and not inside it.',
  subject: 'VirtualService',
  reads: [],
  isAboutWeights: true,
  *check(view, subject) {
    for (const route of weightedRoutes(view, subject)) {
      const missing = route.targets.filter(({ weight }) => weight === undefined)
      if (isMisspelled(route) || route.targets.length < 2 || missing.length === 0) continue
      const misplaced = missing.find(target => target.misplacedWeight !== undefined)
      yield {
        about: aboutWeights(route),
        ...(misplaced === undefined ? withoutWeight(route.targets, missing) : withMisplacedWeight(misplaced)),
      }
    }
  },
}

function withoutWeight(targets: readonly WeightedTarget[], missing: readonly WeightedTarget[]) {
  const rest = Math.max(
    0,
    100 - targets.reduce((sum, { weight }) => sum + (isWeight(weight) ? weight : 0), 0),
  )
  const parts = apportion(
    missing.map(() => 1),
    rest,
  )
  const edits = missing.map(({ path }, i) => `${formatPath([...path, 'weight'])}: ${parts[i]}`)
  const names = missing.map(({ label }) => label).join(', ')
  return {
    path: missing[0]!.path,
    message:
      missing.length > 1
        ? `${names} have no weight and get no traffic`
        : `${names} has no weight and gets no traffic`,
    fix: `Set ${edits.join(', ')}.`,
  }
}

const withMisplacedWeight = ({ path, label, misplacedWeight }: WeightedTarget) => ({
  path: [...path, 'destination', 'weight'],
  message: `the weight of ${label} is inside destination, where the cluster drops it`,
  severity: { webhook: 'warning', lint: 'error' } as const,
  fix: `Move it one level up: ${formatPath([...path, 'weight'])}: ${JSON.stringify(misplacedWeight)}.`,
})
