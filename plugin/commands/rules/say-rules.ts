import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { catalogue } from '../../../shared/rules/catalogue.ts'
import { describedRules, type DescribedRule } from '../../../shared/rules/described.ts'
import { invalidExemption } from '../../../shared/rules/exemptions.ts'
import { outputOf } from '../../flags/global-flags.ts'
import { formatJson, formatYaml } from '../../print/objects.ts'
import { formatTable } from '../../print/table.ts'
import type { Session } from '../../session.ts'

/** Every rule with its severities and what must hold. */
export const sayRules = (session: Session): Promise<void> =>
  say(session, describedRules(catalogue), formatList)

/**
 * One rule: what it judges, by which other objects, and how to mend what it finds. Throws `not-found` for an
 * unknown id.
 */
export const explainRule = (session: Session, id: string): Promise<void> =>
  say(session, ruleOf(id), formatRule)

async function say<T>(session: Session, value: T, format: (value: T) => string): Promise<void> {
  const output = outputOf(session.flags.output, ['json', 'yaml'])
  session.say(
    output === 'json' ? formatJson(value) : output === 'yaml' ? await formatYaml(value) : format(value),
  )
}

const formatList = (list: readonly DescribedRule[]): string =>
  formatTable(
    ['RULE', 'WEBHOOK', 'LINT', 'WHAT MUST HOLD'],
    list.map(({ id, severity, summary }) => [id, severity.webhook, severity.lint, summary]),
  )

const formatRule = ({ id, severity, worsening, summary, fix, subjects, reads }: DescribedRule): string =>
  [
    id,
    '',
    `  ${summary}`,
    '',
    `Severity: ${severity.webhook} in the webhook, ${severity.lint} in lint${worsening === undefined ? '' : `. ${worsening}`}`,
    `Judges:   ${subjects.join(', ')}${reads.length > 0 ? `, by ${reads.join(', ')}` : ''}`,
    `Fix:      ${fix}`,
    ...(id === invalidExemption
      ? []
      : [
          `Exempt:   annotate the object with kubectl-canary/exempt: "${id}: REASON", or put # canary-lint-disable ${id}: REASON on the line or above it`,
        ]),
  ].join('\n')

/** The rule of an id, or `not-found` with the ids that are like it. */
function ruleOf(id: string): DescribedRule {
  const described = describedRules(catalogue)
  const found = described.find(rule => rule.id === id)
  if (found !== undefined) return found
  const words = id.split('-')
  const near = described.filter(rule => words.some(word => word.length > 2 && rule.id.includes(word)))
  throw new CanaryError('not-found', `there is no rule ${JSON.stringify(id)}`, {
    hints:
      near.length > 0
        ? near.map(rule => `kubectl canary rules explain ${rule.id}`)
        : ['kubectl canary rules lists the rules.'],
  })
}
