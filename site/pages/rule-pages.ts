import { openStore } from '../../plugin/open-store.ts'
import { formatFinding } from '../../plugin/print/findings.ts'
import { checkRegexWith } from '../../plugin/words/regex.ts'
import { catalogue } from '../../shared/rules/catalogue.ts'
import { describedForLint, describedSubject, type DescribedRule } from '../../shared/rules/described.ts'
import { disableComment, exemptAnnotation, invalidExemption } from '../../shared/rules/exemptions.ts'
import { fixTextOf } from '../../shared/rules/fixes/fix-text.ts'
import { lintView } from '../../shared/rules/introduced.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { runCommand } from '../../test/plugin/run-command.ts'
import { objectsOf } from '../../test/providers/istio/resolve/corpus.ts'
import { exampleOf, mistakesOf, ownLines, type ShownExample } from './rule-examples.ts'
import { ruleReasons } from './rule-reasons.ts'
import { cell, type SitePage } from './site-page.ts'

const source = 'docs/rules.md'

/** A page for each rule, and one that lists them. */
export async function rulePages(root: string): Promise<readonly SitePage[]> {
  const rules = describedForLint(catalogue)
  return [
    { path: 'rules/index', source, text: listText(rules) },
    ...(await Promise.all(
      rules.map(async rule => ({
        path: `rules/${rule.id}`,
        source,
        text: [
          ...aboutLines(rule),
          ...(await exampleLines(rule)),
          ...mistakeLines(root, rule.id),
          ...switchLines(rule),
        ].join('\n'),
      })),
    )),
  ]
}

const listText = (rules: readonly DescribedRule[]): string =>
  [
    '# Rules',
    '',
    '[The guard](/guide/webhook) denies a change that introduces a finding with the webhook severity *error*; an existing problem is only a warning.',
    '[`kubectl canary lint`](/guide/lint) fails on findings with the lint severity *error*, and every edit of the plugin is checked by the same rules.',
    '',
    '| rule | webhook | lint | what must hold |',
    '|---|---|---|---|',
    ...rules.map(
      ({ id, severity, summary }) =>
        `| [${id}](/rules/${id}) | ${severity.webhook ?? '–'} | ${severity.lint} | ${cell(summary)} |`,
    ),
    '',
  ].join('\n')

const aboutLines = ({
  id,
  summary,
  severity,
  subjects,
  reads,
  worsening,
  fix,
}: DescribedRule): readonly string[] => [
  `# ${id}`,
  '',
  summary,
  '',
  `- Severity: ${severity.webhook === undefined ? '' : `**${severity.webhook}** in the guard, `}**${severity.lint}** in lint.${worsening === undefined ? '' : ` ${worsening}`}`,
  `- Judges: ${subjects.length === 0 ? 'files' : subjects.map(describedSubject).join(', ')}.`,
  ...(reads.length === 0
    ? []
    : [`- Looks at: ${reads.filter(kind => kind !== 'OtherWorkload').join(', ')}.`]),
  '',
  '## Why',
  '',
  ruleReasons[id] ?? missing(id),
  '',
  '## How to fix it',
  '',
  fix,
  '',
]

const missing = (id: string): never => {
  throw new Error(`rule-reasons.ts does not say why there is the rule ${id}`)
}

async function exampleLines({ id }: DescribedRule): Promise<readonly string[]> {
  const example = exampleOf(id)
  if (example === undefined) return []
  const { wrong, right } = example
  return [
    '## Wrong',
    '',
    `\`\`\`yaml${marked(wrong, right)}`,
    wrong.trimEnd(),
    '```',
    '',
    '`kubectl canary lint` says:',
    '',
    '```text',
    ...(await lintLines(id, example)),
    '```',
    '',
    '## Right',
    '',
    `\`\`\`yaml${marked(right, wrong)}`,
    right.trimEnd(),
    '```',
    '',
  ]
}

/** The lines that differ are marked. */
const marked = (text: string, other: string): string => {
  const lines = ownLines(text.trimEnd(), other.trimEnd())
  return lines.length === 0 ? '' : `{${lines.join(',')}}`
}

const now = new Date('2026-08-01T12:00:00Z')

/** What lint says of the example: of files as a person runs it; of what only a whole cluster can break, by the rule itself. */
async function lintLines(id: string, { wrong, complete }: ShownExample): Promise<readonly string[]> {
  const { stdout, stderr } = await runCommand(['lint', '-'], { store: openStore, stdin: wrong, now })
  const said = stdout
    .trimEnd()
    .split(/\n(?=\S+:\d+:\d+: )/)
    .filter(finding => finding.includes(`(${id})`))
  if (said.length > 0) return said
  const judge = {
    rules: catalogue.filter(rule => rule.id === id),
    settings: { complete, relativeWeights: false, re2Fault: await checkRegexWith(), now: now.getTime() },
  }
  const findings = lintView(judge, snapshot(objectsOf(wrong)))
  if (findings.length === 0) throw new Error(`the example of ${id} has no finding: ${stdout}${stderr}`)
  return findings.map(
    finding => `${finding.severity.lint}: ${formatFinding({ ...finding, fix: fixTextOf(finding, {}) })}`,
  )
}

function mistakeLines(root: string, id: string): readonly string[] {
  const mistakes = mistakesOf(root, id)
  if (mistakes.length === 0) return []
  return [
    '## Mistakes that it finds',
    '',
    ...mistakes.flatMap(({ what, manifest }) => [
      `::: details ${what}`,
      '```yaml',
      manifest.trimEnd(),
      '```',
      ':::',
      '',
    ]),
  ]
}

const switchLines = (rule: DescribedRule): readonly string[] => [
  '## How to switch it off',
  '',
  ...(rule.subjects.length === 0
    ? [
        'It cannot be switched off: what cannot be read cannot be checked. Leave the file out of the paths of `lint`.',
        '',
      ]
    : [...(rule.id === invalidExemption ? [] : exemptionLines(rule.id)), ...guardLines(rule)]),
]

const exemptionLines = (id: string): readonly string[] => [
  'For one object, with a reason; this counts for `lint`, for edits and in the guard:',
  '',
  '```yaml',
  'metadata:',
  '  annotations:',
  `    ${exemptAnnotation}: "${id}: why this is right here"`,
  '```',
  '',
  'For one line of a file, by a comment on it or directly above it:',
  '',
  '```yaml',
  `# ${disableComment} ${id}: why this is right here`,
  '```',
  '',
]

const guardLines = ({ id, severity }: DescribedRule): readonly string[] =>
  severity.webhook === undefined
    ? []
    : [
        'For everybody, in the values of the chart of [the guard](/guide/webhook) (`deny`, `warn` or `off`):',
        '',
        '```yaml',
        'config:',
        '  rules:',
        `    ${id}: "off"`,
        '```',
        '',
      ]
