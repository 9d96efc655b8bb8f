import type { ReadinessState } from '../../../shared/readiness/check.ts'
import type { CheckOutcome, ReadinessReport } from '../../../shared/readiness/judge-readiness.ts'
import { isCommand } from '../../../shared/rules/fixes/fix-text.ts'
import type { Paint } from '../colour.ts'
import { formatTable } from '../table.ts'
import { countOf, formatStates, nameOfReport, verdictOf } from './words.ts'

export interface ReadinessStyle {
  readonly paint: Paint
  /** Columns of the terminal; sentences are not broken where there is none. */
  readonly width: number | undefined
  /** Checks that pass have a line, too, where several services are shown. */
  readonly all: boolean
}

const marks: Readonly<Record<ReadinessState, string>> = {
  fail: 'fail',
  warn: 'warn',
  unknown: '?',
  pass: 'pass',
}

/** Sentences keep so much room beside the columns, and start on a line of their own in a narrower terminal. */
const leastRoom = 36

/** The reports for people: a line for each check, with its fix; of several a table first. */
export function formatReadiness(reports: readonly ReadinessReport[], style: ReadinessStyle): string {
  const isOne = reports.length === 1 && reports[0]!.ref.kind === 'Service'
  if (isOne) return formatReport(reports[0]!, { ...style, all: true })
  const services = reports.filter(({ ref }) => ref.kind === 'Service')
  const shown = style.all ? reports : reports.filter(({ state }) => state !== 'pass')
  return [
    ...(services.length === 0 ? [] : [formatOverview(services)]),
    ...shown.map(report => formatReport(report, style)),
  ].join('\n\n')
}

/** A line for each service. */
function formatOverview(services: readonly ReadinessReport[]): string {
  const withPlaces = services.some(({ places }) => places !== undefined)
  const withNamespace = new Set(services.map(({ ref }) => ref.namespace)).size > 1
  return formatTable(
    [
      ...(withNamespace ? ['NAMESPACE'] : []),
      'SERVICE',
      ...(withPlaces ? ['IN'] : []),
      'PASS',
      'WARN',
      'FAIL',
      'CANNOT TELL',
      'READY',
    ],
    services.map(report => [
      ...(withNamespace ? [report.ref.namespace] : []),
      report.ref.name,
      ...(withPlaces ? [report.places?.join(', ') ?? '-'] : []),
      ...(['pass', 'warn', 'fail', 'unknown'] as const).map(each =>
        String(countOf(report.checks, each) || '-'),
      ),
      { ready: 'yes', 'not ready': 'no', 'cannot tell': 'cannot tell' }[verdictOf(report)],
    ]),
  )
}

function formatReport(report: ReadinessReport, style: ReadinessStyle): string {
  const { checks, state } = report
  const shown = style.all ? checks : checks.filter(check => check.state !== 'pass')
  const idWidth = Math.max(0, ...shown.map(({ id }) => id.length))
  const verdict = report.ref.kind === 'Service' ? `: ${colourOf(state, style.paint)(verdictOf(report))}` : ''
  return [
    `${style.paint.bold(nameOfReport(report))}${verdict} ${style.paint.dim(`(${formatStates(checks)})`)}`,
    ...shown.flatMap(check => checkLines(check, { ...style, idWidth })),
  ].join('\n')
}

function checkLines(
  { id, results }: CheckOutcome,
  { paint, width, idWidth }: ReadinessStyle & { readonly idWidth: number },
): readonly string[] {
  const indent = ' '.repeat(6)
  const column = 6 + idWidth + 2
  return results.flatMap(({ state, message, fix }, i) => {
    const mark = colourOf(state, paint)(marks[state].padEnd(4))
    const head = `${mark}  ${i === 0 ? id.padEnd(idWidth) : ' '.repeat(idWidth)}  `
    const room = width === undefined ? Infinity : width - column
    const lines = fix.length === 1 ? [`Fix: ${fix[0]!}`] : fix.length === 0 ? [] : ['Fix:', ...fix]
    // A command is for copying: it stays whole.
    const fixes = lines
      .flatMap(line =>
        width === undefined || isCommand(line.replace(/^Fix: /, ''))
          ? [line]
          : broken(line, width - indent.length),
      )
      .map(line => indent + line)
    const said =
      room >= leastRoom
        ? broken(message, room).map((line, j) => (j === 0 ? head + line : ' '.repeat(column) + line))
        : [head.trimEnd(), ...broken(message, width! - 6).map(line => indent + line)]
    return [...said, ...fixes]
  })
}

/** A sentence in lines of at most this many characters; a longer word has a line of its own. */
function broken(text: string, room: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= room)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

const colourOf = (state: ReadinessState, { red, yellow, green, cyan }: Paint): ((text: string) => string) =>
  ({ fail: red, warn: yellow, unknown: cyan, pass: green })[state]
