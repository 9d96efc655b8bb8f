import type { Kind } from '../objects/kinds.ts'
import { disableComment, exemptAnnotation, invalidExemption } from './exemptions.ts'
import { isGuarded } from './catalogue.ts'
import type { AnyRule, Severity } from './rule.ts'

/** A rule as people look it up: one entry for an id, whatever kinds it judges. */
export interface DescribedRule {
  readonly id: string
  /** Without one for the webhook where only files can break it. */
  readonly severity: { readonly webhook?: Severity; readonly lint: Severity }
  /** When a change makes it heavier, and for which kinds it weighs otherwise, as sentences. */
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
  summary:
    'An exemption names an existing rule and gives a reason; in a cluster, its author may write exemptions (`exemptions.allowed`).',
  fix: `Write the annotation ${exemptAnnotation} or the comment ${disableComment} as RULE: REASON.`,
  subjects,
  reads: [],
})

/** The id under which a manifest is reported that cannot be read, so that no rule can judge what it holds. */
export const unreadableManifest = 'unreadable-manifest'

const manifests: DescribedRule = {
  id: unreadableManifest,
  severity: { lint: 'error' },
  summary:
    'A manifest can be read: UTF-8 text, YAML or JSON as kubectl reads it; an object has a name, and labels that are strings.',
  fix: 'Correct the file at the place that is shown, and save it as UTF-8 where it is in another encoding.',
  subjects: [],
  reads: [],
}

/** What `lint` reports: the rules, and what is said of the files themselves. */
export const describedForLint = (rules: readonly AnyRule[]): readonly DescribedRule[] => [
  ...describedRules(rules),
  manifests,
]

/** The rules by their ids, in their order, and what is said of exemptions from them. */
export const describedRules = (rules: readonly AnyRule[]): readonly DescribedRule[] => [
  ...described(rules),
  exemptions([...new Set(rules.map(({ subject }) => subject))]),
]

const described = (rules: readonly AnyRule[]): readonly DescribedRule[] =>
  [...Map.groupBy(rules, ({ id }) => id).values()].map(same => {
    const [{ id, severity, summary, fix }] = same as [AnyRule]
    const worsening = same.find(rule => rule.worsening !== undefined)?.worsening
    const said = [worsening?.summary, ...otherwiseFor(same)].filter(text => text !== undefined)
    return {
      id,
      severity: same.some(isGuarded) ? severity : { lint: severity.lint },
      ...(said.length === 0 ? {} : { worsening: said.join(' ') }),
      summary,
      fix,
      subjects: same.map(({ subject }) => subject),
      reads: [...new Set(same.flatMap(({ reads }) => reads))],
    }
  })

/** The kinds for which rules of one id weigh otherwise than for the first. */
const otherwiseFor = ([first, ...others]: readonly AnyRule[]): readonly string[] =>
  others.flatMap(({ severity: { lint }, subject }) =>
    lint === first!.severity.lint ? [] : [`For ${subject}: ${lint}.`],
  )

/** A kind as the documents name it: of those that the guard leaves alone that is said. */
export const describedSubject = (subject: Kind): string =>
  isGuarded({ subject }) ? subject : `${subject} (in lint, status and edits, not in the webhook)`
