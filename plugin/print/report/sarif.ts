import type { DescribedRule } from '../../../shared/rules/described.ts'
import type { Severity } from '../../../shared/rules/rule.ts'
import { editedPlace, formatSubject, type LintReport, type LocatedFinding } from './lint-report.ts'

const levelOf = (severity: Severity): 'error' | 'warning' | 'note' =>
  severity === 'info' ? 'note' : severity

/** What the report says about the program itself. */
export interface SarifTool {
  readonly version: string
  readonly rules: readonly DescribedRule[]
}

/** SARIF 2.1.0 (OASIS), which code scanners collect. */
export function formatLintSarif({ findings, notes = [] }: LintReport, { version, rules }: SarifTool): string {
  const used = new Set(findings.map(({ rule }) => rule))
  return `${JSON.stringify(
    {
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
      runs: [
        {
          tool: {
            driver: {
              name: 'kubectl-canary',
              version,
              rules: rules.filter(({ id }) => used.has(id)).map(describe),
            },
          },
          columnKind: 'utf16CodeUnits',
          invocations: [invocationOf(notes)],
          results: findings.map(resultOf),
        },
      ],
    },
    undefined,
    2,
  )}\n`
}

const invocationOf = (notes: readonly string[]) => ({
  executionSuccessful: true,
  toolExecutionNotifications: notes.map(text => ({ level: 'note', message: { text } })),
})

const describe = ({ id, summary, fix, severity }: DescribedRule) => ({
  id,
  shortDescription: { text: summary },
  help: { text: fix },
  defaultConfiguration: { level: levelOf(severity.lint) },
})

function resultOf(finding: LocatedFinding) {
  const { rule, severity, fix, path, kind, namespace, name } = finding
  const { file, line = 1, column = 1 } = editedPlace(finding)
  const logical =
    kind === undefined
      ? {}
      : {
          logicalLocations: [
            {
              name,
              kind: 'resource',
              fullyQualifiedName: `${kind}/${namespace}/${name}${path === '' ? '' : `#${path}`}`,
            },
          ],
        }
  const physical =
    file === undefined
      ? {}
      : {
          physicalLocation: {
            artifactLocation: { uri: uriOf(file) },
            region: { startLine: line, startColumn: column },
          },
        }
  return {
    ruleId: rule,
    level: levelOf(severity),
    message: { text: `${formatSubject({ ...finding, path: '' })}. Fix: ${fix}` },
    locations: [{ ...physical, ...logical }],
  }
}

/** A path as a relative or `file:` URI. */
function uriOf(file: string): string {
  const path = file.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/')
  return path.startsWith('/') ? `file://${path}` : path.replace(/^(?:\.\/)+/, '')
}
