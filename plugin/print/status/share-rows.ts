import { formatFault } from '../../../shared/routing/shares.ts'
import type { Share } from '../../../shared/routing/traffic.ts'
import type { TrafficStyle } from '../services/service-status.ts'
import { formatShare } from '../services/shares.ts'
import { indent, plainCell, widthOf } from '../table.ts'
import { elide, wrap } from './fit.ts'
import { barCells, shareBar } from './share-bar.ts'

/** Some requests of an entry point, and where they go. */
export interface ShareRow {
  /** `cohort internal`, `everyone else, /items*`. */
  readonly who: string
  readonly shares?: readonly Share[]
  /** The shares are of copies. */
  readonly copies?: boolean
  /** A sentence in place of shares. */
  readonly says?: string
  readonly isWarning?: boolean
  /** What else is known of them. */
  readonly tail?: readonly string[]
}

interface RowStyle extends TrafficStyle {
  readonly stable: string | undefined
}

/** Where each row's columns begin. */
interface Columns {
  readonly who: number
  readonly version: number
  readonly percent: number
}

/** Rows in columns: who, and a line with a bar for each version that they get. */
export function formatRows(rows: readonly ShareRow[], style: RowStyle): string {
  const shares = rows.flatMap(row => row.shares ?? [])
  const columns = {
    who: Math.min(widest(rows.map(({ who }) => who)), roomFor(style, 0.4)),
    version: Math.min(widest(shares.map(({ version }) => version)), roomFor(style, 0.3)),
    percent: widest(shares.map(({ percent }) => formatShare(percent))),
  }
  return rows.map(row => formatRow(row, { style, columns })).join('\n')
}

const widest = (texts: readonly string[]): number =>
  Math.max(0, ...texts.map(text => widthOf(plainCell(text))))

const roomFor = ({ columns = Infinity }: TrafficStyle, part: number): number => Math.floor(columns * part)

interface RowLayout {
  readonly style: RowStyle
  readonly columns: Columns
}

function formatRow(
  { who, shares = [], says, isWarning, copies, tail = [] }: ShareRow,
  layout: RowLayout,
): string {
  const { style, columns } = layout
  const { bold, yellow } = style.paint
  const arrow = style.ascii === true ? '->' : '→'
  const name = padded(cell(who, columns.who, style), columns.who)
  const head = `${who.startsWith('cohort ') ? `cohort ${bold(name.slice(7))}` : name} ${arrow} `
  const margin = ' '.repeat(columns.who + arrow.length + 2)
  const inside = { ...style, ...(style.columns !== undefined && { columns: style.columns - margin.length }) }
  const lines =
    says === undefined
      ? shares.map(share => shareLine(share, { ...layout, copies: copies ?? false }))
      : [wrap(isWarning ? yellow(plainCell(says)) : plainCell(says), inside, '')]
  const [first = '-', ...rest] = withTail(lines, tail, inside)
  return [head + first.replaceAll('\n', `\n${margin}`), ...rest.map(line => indent(line, margin))].join('\n')
}

/** What else is known is behind the first line where there is room, else below the last. */
function withTail(lines: readonly string[], tail: readonly string[], style: RowStyle): readonly string[] {
  if (tail.length === 0) return lines
  const { columns = Infinity, paint } = style
  const [first = '', ...rest] = lines
  const said = tail.map(text => paint.dim(plainCell(text))).join('  ')
  if (widthOf(first) + 2 + widthOf(said) <= columns) return [`${first}  ${said}`, ...rest]
  const below = wrap(tail.map(plainCell).join('  '), style, '')
  return [...lines, below.split('\n').map(paint.dim).join('\n')]
}

/** `v2    10.0 %  ██░░░░░░░░`, and behind it why its requests are not answered. */
function shareLine(
  share: Share,
  { style, columns, copies }: RowLayout & { readonly copies: boolean },
): string {
  const { red, yellow } = style.paint
  const version = padded(cell(share.version, columns.version, style), columns.version)
  const percent = formatShare(share.percent).padStart(columns.percent)
  const fault = share.percent > 0 ? formatFault(share) : ''
  const bar = shareBar(share.percent, { ...style, copies })
  const text = `${version}  ${percent}`
  const isFailing = share.fault !== undefined
  const room = (style.columns ?? Infinity) - columns.who - 4
  const hasRoom = widthOf(text) + 2 + barCells(style) <= room
  const line = `${isFailing ? red(text) : text}${hasRoom ? `  ${colourOf(share, style)(bar)}` : ''}`
  return fault === ''
    ? line
    : withFault(line, (share.unknown === undefined ? red : yellow)(plainCell(fault.trim())), room)
}

/** Behind the bar where there is room, else below it. */
function withFault(line: string, fault: string, room: number): string {
  if (widthOf(line) + 2 + widthOf(fault) <= room) return `${line}  ${fault}`
  return `${line}\n${wrap(fault, { columns: room }, '')}`
}

function colourOf({ version, fault }: Share, { paint, stable }: RowStyle): (text: string) => string {
  if (fault !== undefined) return paint.red
  return version === stable ? paint.green : paint.cyan
}

const cell = (text: string, columns: number, { ascii }: RowStyle): string =>
  elide(plainCell(text), columns, { cut: 'middle', ascii })

const padded = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - widthOf(text)))
