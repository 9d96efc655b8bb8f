import type { CheckedResult, ReadinessReport } from '../../../shared/readiness/judge-readiness.ts'
import { countOf, nameOfReport, stateWords, verdictOf } from './words.ts'

/** The reports for a pull request or a wiki: a table of the services, then what is not in order, with its fixes. */
export function formatReadinessMarkdown(
  reports: readonly ReadinessReport[],
  { live }: { readonly live: boolean },
): string {
  const services = reports.filter(({ ref }) => ref.kind === 'Service')
  const faulty = reports.filter(({ state }) => state !== 'pass')
  return [
    '# Ready for a canary?',
    '',
    ...(live ? [] : ['Judged on files: what runs is not in them.', '']),
    '| Service | Ready | Fail | Warn | Cannot tell | Pass |',
    '|---|---|---|---|---|---|',
    ...services.map(report => {
      const counts = (['fail', 'warn', 'unknown', 'pass'] as const).map(each => countOf(report.checks, each))
      return `| ${cell(nameOfReport(report).replace(/^Service /, ''))} | ${verdictOf(report)} | ${counts.join(' | ')} |`
    }),
    ...faulty.flatMap(sectionOf),
  ].join('\n')
}

function sectionOf(report: ReadinessReport): readonly string[] {
  const results = report.checks.flatMap(({ id, results: all }) =>
    all.filter(({ state }) => state !== 'pass').map(result => ({ id, result })),
  )
  return [
    '',
    `## ${cell(nameOfReport(report))}`,
    ...results.flatMap(({ id, result }) => [
      '',
      `- **${stateWords[result.state]}** \`${id}\`: ${cell(result.message)}`,
      ...fixOf(result),
    ]),
  ]
}

function fixOf({ fix }: CheckedResult): readonly string[] {
  if (fix.length === 0) return []
  // A fence longer than any in the text.
  const fence = '`'.repeat(Math.max(3, ...(fix.join('\n').match(/`+/g) ?? []).map(each => each.length + 1)))
  return ['', ...[`${fence}sh`, ...fix, fence].map(line => `  ${line}`)]
}

/** What objects contain is text, and no Markdown. */
const cell = (text: string): string => text.replaceAll(/[\\`*_[\]<>|]/g, mark => `\\${mark}`)
