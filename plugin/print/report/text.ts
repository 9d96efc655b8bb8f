import { escaped } from '../../../shared/objects/text/escaped.ts'
import type { Severity } from '../../../shared/rules/rule.ts'
import type { Paint } from '../colour.ts'
import { indent } from '../table.ts'
import { formatSubject, type LintReport, type LocatedFinding } from './lint-report.ts'

/** The findings for people: `file:line:column`, what is wrong, the lines around it, how to fix it. */
export const formatLintText = ({ findings }: LintReport, paint: Paint): string =>
  findings.map(finding => formatFinding(finding, paint)).join('\n\n')

function formatFinding(finding: LocatedFinding, paint: Paint): string {
  const { file, line, column, severity, rule, fix, template } = finding
  const place =
    file === undefined
      ? ''
      : `${paint.bold([file, line, column].filter(part => part !== undefined).join(':'))}: `
  return [
    `${place}${inColour(severity, paint)(`${severity}:`)} ${formatSubject(finding)} ${paint.dim(`(${rule})`)}`,
    ...frameLines(finding, paint),
    ...(template === undefined
      ? []
      : [indent(`From the template ${[template.file, template.line ?? []].flat().join(':')}`, '  ')]),
    indent(`Fix: ${fix}`, '  '),
  ].join('\n')
}

const inColour = (severity: Severity, { red, yellow, cyan }: Paint): ((text: string) => string) =>
  ({ error: red, warning: yellow, info: cyan })[severity]

/** A line of a file, of which nothing is hidden. */
const visible = (line: string): string => line.split('\t').map(escaped).join('\t')

/** Tabs count as one column, as editors give it. */
function frameLines({ frame, line, column = 1 }: LocatedFinding, { red, dim }: Paint): readonly string[] {
  if (frame === undefined) return []
  const width = String(frame.from + frame.lines.length - 1).length
  return frame.lines.map(visible).flatMap((text, i) => {
    const number = frame.from + i
    const shown =
      `${number === line ? red('>') : ' '} ${dim(`${String(number).padStart(width)} |`)} ${text}`.trimEnd()
    const pointer = `${' '.repeat(width + 2)} ${dim('|')} ${visible(frame.lines[i]!.slice(0, column - 1)).replaceAll(/[^\t]/g, ' ')}${red('^')}`
    return number === line ? [shown, pointer] : [shown]
  })
}
