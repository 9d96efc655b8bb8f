import type { Kind } from '../objects/kinds.ts'
import { disableComment, exemptAnnotation, invalidExemption } from './exemptions.ts'
import type { AnyRule, Severities } from './rule.ts'

/** A rule as people look it up: one entry for an id, whatever kinds it judges. */
export interface DescribedRule {
  readonly id: string
  readonly severity: Severities
  /** When a change makes it heavier, as a sentence. */
  readonly worsening?: string
  readonly summary: string
  readonly fix: string
  readonly subjects: readonly Kind[]
  readonly reads: readonly Kind[]
}

/** What is said of exemptions themselves: no rule of the catalogue, but a finding like others. */
const exemptions = (subjects: readonly Kind[]): DescribedRule => ({
  id: invalidExemption,
  severity: { webhook: 'warning', lint: 'warning' },
  summary: 'An exemption names an existing rule and gives a reason.',
  fix: `Write the annotation ${exemptAnnotation} or the comment ${disableComment} as RULE: REASON.`,
  subjects,
  reads: [],
})

/** The rules by their ids, in their order, and what is said of exemptions from them. */
export const describedRules = (rules: readonly AnyRule[]): readonly DescribedRule[] => [
  ...described(rules),
  exemptions([...new Set(rules.map(({ subject }) => subject))]),
]

const described = (rules: readonly AnyRule[]): readonly DescribedRule[] =>
  [...Map.groupBy(rules, ({ id }) => id).values()].map(same => {
    const [{ id, severity, summary, fix, worsening }] = same as [AnyRule]
    return {
      id,
      severity,
      ...(worsening === undefined ? {} : { worsening: worsening.summary }),
      summary,
      fix,
      subjects: same.map(({ subject }) => subject),
      reads: [...new Set(same.flatMap(({ reads }) => reads))],
    }
  })
