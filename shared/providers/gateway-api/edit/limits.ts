import { CanaryError } from '../../../objects/canary-error.ts'
import type { ServiceRoute } from '../../../objects/gateway-api.ts'
import { itemsOf } from '../../../objects/unchecked.ts'
import { nameOf } from '../read/services/applications.ts'
import { rulesOf } from '../resolve/routes.ts'

/**
 * How much a route holds, by the definitions of the standard channel
 * (https://gateway-api.sigs.k8s.io/reference/spec/#httproutespec). Those before v1.2 allow 8 matches in a rule; a rule
 * that an edit adds has as many as its base rule, so that it is within every limit that the base rule is within.
 */
export const mostOf = { rules: 16, matchesOfRule: 64, matches: 128 } as const

/** Throws a CanaryError `refused` where an edit makes a route larger than the API holds. */
export function requireRoom(before: ServiceRoute, after: ServiceRoute): void {
  const [rules, earlier] = [rulesOf(after), rulesOf(before)]
  const sizes = rules.map(({ matches }) => Math.max(1, itemsOf(matches).length))
  const found: readonly (readonly [number, number, string])[] = [
    [rules.length, mostOf.rules, 'rules'],
    [Math.max(0, ...sizes), mostOf.matchesOfRule, 'matches in one rule'],
    [sizes.reduce((sum, size) => sum + size, 0), mostOf.matches, 'matches in all'],
  ]
  const over = found.find(([size, most]) => size > most)
  if (over === undefined || rules.length <= earlier.length) return
  const [size, most, what] = over
  throw new CanaryError(
    'refused',
    `${after.kind} ${nameOf(after)} would have ${size} ${what}, and the Gateway API allows ${most}`,
    {
      hints: [
        'A cohort takes a rule for each rule that leads to the Service: choose some of them with --route, remove a cohort, or divide the route into several.',
      ],
    },
  )
}
