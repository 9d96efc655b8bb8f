import { catalogue } from '../../../shared/rules/catalogue.ts'
import { describedForLint, describedSubject } from '../../../shared/rules/described.ts'

/** The page about every rule, from the catalogue. */
export function rulesText(): string {
  const rules = describedForLint(catalogue)
  return [
    '# Rules',
    '',
    'Generated from the code by `npm run docs`; do not edit. `kubectl canary rules explain ID` shows the same.',
    '',
    'The webhook denies a change that introduces a finding with the webhook severity *error*; an existing problem is only a warning. `kubectl canary lint` fails on findings with the lint severity *error*.',
    '',
    '| rule | webhook | lint | what must hold |',
    '|---|---|---|---|',
    ...rules.map(
      ({ id, severity, summary }) =>
        `| [${id}](#${id}) | ${severity.webhook ?? '–'} | ${severity.lint} | ${cell(summary)} |`,
    ),
    '',
    ...rules.flatMap(({ id, subjects, reads, summary, fix, severity, worsening }) => [
      `## ${id}`,
      '',
      summary,
      '',
      `- severity: ${severity.webhook === undefined ? '' : `${severity.webhook} in the webhook, `}${severity.lint} in lint${worsening === undefined ? '' : `. ${worsening}`}`,
      `- judges: ${subjects.length === 0 ? 'files' : subjects.map(describedSubject).join(', ')}${reads.length > 0 ? `, by ${reads.join(', ')}` : ''}`,
      `- fix: ${fix}`,
      '',
    ]),
  ].join('\n')
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
