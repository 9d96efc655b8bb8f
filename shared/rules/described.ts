import type { Kind } from '../objects/kinds.ts'
import type { AnyRule, Severities } from './rule.ts'

/** A rule as people look it up: one entry for an id, whatever kinds it judges. */
export interface DescribedRule {
  readonly id: string
  readonly severity: Severities
  readonly summary: string
  readonly remedy: string
  readonly subjects: readonly Kind[]
  readonly reads: readonly Kind[]
}

/** The rules by their ids, in their order. */
export const describedRules = (rules: readonly AnyRule[]): readonly DescribedRule[] => [...Map.groupBy(rules, ({ id }) => id).values()].map(same => {
  const [{ id, severity, summary, remedy }] = same as [AnyRule]
  return { id, severity, summary, remedy, subjects: same.map(({ subject }) => subject), reads: [...new Set(same.flatMap(({ reads }) => reads))] }
})
