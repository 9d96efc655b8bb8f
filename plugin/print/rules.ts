import type { DescribedRule } from '../../shared/rules/described.ts'
import { describedSubject, unreadableManifest } from '../../shared/rules/described.ts'
import { invalidExemption } from '../../shared/rules/exemptions.ts'
import { formatTable } from './table.ts'

/** Every rule with its severities and what must hold. */
export const formatRules = (rules: readonly DescribedRule[]): string =>
  formatTable(
    ['RULE', 'WEBHOOK', 'LINT', 'WHAT MUST HOLD'],
    rules.map(({ id, severity, summary }) => [id, severity.webhook ?? '-', severity.lint, summary]),
  )

/** One rule: what it checks, by which other objects, and how to fix its findings. */
export const formatRule = ({
  id,
  severity,
  worsening,
  summary,
  fix,
  subjects,
  reads,
}: DescribedRule): string =>
  [
    id,
    '',
    `  ${summary}`,
    '',
    `Severity: ${severity.webhook === undefined ? '' : `${severity.webhook} in the webhook, `}${severity.lint} in lint${worsening === undefined ? '' : `. ${worsening}`}`,
    `Checks:   ${subjects.length === 0 ? 'files' : subjects.map(describedSubject).join(', ')}${reads.length > 0 ? `, with ${reads.join(', ')}` : ''}`,
    `Fix:      ${fix}`,
    ...(id === invalidExemption || id === unreadableManifest
      ? []
      : [
          `Exempt:   annotate the object with kubectl-canary/exempt: "${id}: REASON", or put # canary-lint-disable ${id}: REASON on the line or above it`,
        ]),
  ].join('\n')
