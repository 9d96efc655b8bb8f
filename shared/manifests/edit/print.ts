import type { Node } from '../yaml/node.ts'
import { isPlainText } from '../yaml/scalars.ts'
import type { Style } from './style.ts'

export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain }

/**
 * A value in block style, one string per line, from column 0. The value is a collection with something in it.
 */
export function printBlock(value: Plain, style: Style): readonly string[] {
  if (Array.isArray(value)) return (value as readonly Plain[]).flatMap(item => printItem(item, style))
  return Object.entries(value as object).flatMap(([key, item]) => printPair(key, item as Plain, style))
}

/** One entry of a block mapping. */
export function printPair(key: string, value: Plain, style: Style): readonly string[] {
  const name = printKey(key, style)
  if (isFull(value))
    return [
      `${name}:`,
      ...indented(printBlock(value, style), Array.isArray(value) ? style.sequence : style.mapping),
    ]
  const [first, ...rest] = printScalar(value, style)
  return [`${name}: ${first}`, ...indented(rest, style.mapping)]
}

/** One entry of a block list. */
export function printItem(value: Plain, style: Style): readonly string[] {
  const [first, ...rest] = isFull(value) ? printBlock(value, style) : printScalar(value, style)
  return [`- ${first}`, ...indented(rest, 2)]
}

/** Whether a value is a collection with something in it, which block style spreads over lines. */
export const isFull = (value: Plain): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0

const indented = (lines: readonly string[], by: number): readonly string[] =>
  lines.map(line => (line === '' ? '' : ' '.repeat(by) + line))

function printScalar(value: Plain, style: Style): readonly string[] {
  if (typeof value !== 'string' || !literalForm.test(value)) return [printInline(value, style)]
  return value.endsWith('\n') ? ['|', ...value.slice(0, -1).split('\n')] : ['|-', ...value.split('\n')]
}

/**
 * Several lines of printable characters, the first not blank or indented, the last not blank: what `|` and
 * `|-` hold as it is.
 */
const literalForm = /^(?=[^ \n])(?:[ -~]*\n)+(?:[ -~]*[!-~])?$(?<!\n\n)/

/** A value on one line: a scalar, an empty collection, or flow style. */
export function printInline(value: Plain, style: Style, flow = false): string {
  if (typeof value === 'string') return printText(value, style, flow)
  if (value === null || typeof value !== 'object') return String(value)
  if (Array.isArray(value))
    return `[${(value as readonly Plain[]).map(item => printInline(item, style, true)).join(', ')}]`
  const pairs = Object.entries(value).map(
    ([key, item]) => `${printKey(key, style, true)}: ${printInline(item, style, true)}`,
  )
  return `{${pairs.join(', ')}}`
}

/** A JSON value over several lines. The lines after the first begin with `margin`. */
export const printJson = (value: Plain, { unit, lineBreak }: Style, margin: string): string =>
  JSON.stringify(value, null, unit).replaceAll('\n', `${lineBreak}${margin}`)

export const printKey = (key: string, style: Style, flow = false): string => printText(key, style, flow)

function printText(text: string, { quote, json }: Style, flow: boolean): string {
  if (!json && isPlainText(text, flow)) return text
  return !json && (quote === "'" || /["\\]/.test(text)) ? singleQuoted(text) : quoted(text)
}

/**
 * In single quotes, where JSON in an annotation and regexes stay readable; what cannot be there as it is
 * goes into double quotes.
 */
const singleQuoted = (text: string): string =>
  // Nearly every text is ASCII, and the tables of Unicode take milliseconds to prepare.
  /^[ -~]*$/.test(text) || /^[ -~\p{L}\p{M}\p{N}\p{P}\p{S}]*$/u.test(text)
    ? `'${text.replaceAll("'", "''")}'`
    : quoted(text)

/** In double quotes, with the escapes that JSON and both YAMLs share. */
export const quoted = (text: string): string =>
  JSON.stringify(text).replace(
    /[\x7f-\x9f\u2028\u2029\ufeff]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** A scalar in the quotes that another one had. */
export function printLike(
  value: Plain,
  old: Node,
  { style, flow }: { readonly style: Style; readonly flow: boolean },
): string {
  if (typeof value !== 'string' || old.type !== 'scalar' || style.json) return printInline(value, style, flow)
  if (old.style === 'double') return /["\\]/.test(value) ? singleQuoted(value) : quoted(value)
  return old.style === 'single' ? singleQuoted(value) : printInline(value, style, flow)
}
