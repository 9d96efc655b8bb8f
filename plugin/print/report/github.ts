import { editedPlace, formatSubject, type LintReport, type LocatedFinding } from './lint-report.ts'

const commands = { error: 'error', warning: 'warning', info: 'notice' } as const

/** GitHub's workflow commands, which it shows beside the lines of a pull request. */
export const formatLintGithub = ({ findings, notes = [] }: LintReport): string =>
  [...findings.map(formatCommand), ...notes.map(note => `::notice::${escapeText(note)}`)].join('\n')

function formatCommand(finding: LocatedFinding): string {
  const { severity, rule, fix } = finding
  const { file, line, column } = editedPlace(finding)
  const properties = Object.entries({ file, line, col: column, title: rule }).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${escapeProperty(String(value))}`],
  )
  return `::${commands[severity]} ${properties.join(',')}::${escapeText(`${formatSubject(finding)}\nFix: ${fix}`)}`
}

const escapeText = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
const escapeProperty = (text: string): string =>
  escapeText(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
