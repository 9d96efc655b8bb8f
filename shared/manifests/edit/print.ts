import type { Node, Pair, Scalar } from '../yaml/node.ts'
import { valueOf } from '../yaml/value.ts'
import { isDeepEqual } from './equal.ts'
import { exampleItem, examplePair, holdsFlow, sameWithin } from './examples.ts'
import { printText, printQuotedLike } from './print-text.ts'
import type { Plain } from './plain.ts'
import { marginAt, padIn, stepOf, type PrintLook, type Style } from './style.ts'

/**
 * A value in block style, one string per line, from column 0. The value is a collection with something in it.
 */
export function printBlock(value: Plain, look: PrintLook): readonly string[] {
  const { style, like } = look
  if (Array.isArray(value))
    return (value as readonly Plain[]).flatMap((item, i) =>
      printItem(item, { style, like: exampleItem(like, item, i) }),
    )
  return Object.entries(value as object).flatMap(([key, item]) => printPair(key, item as Plain, look))
}

/** One entry of a block mapping, which is to look like those of another mapping. */
export function printPair(key: string, value: Plain, look: PrintLook): readonly string[] {
  const { style } = look
  const example = examplePair(key, value, look)
  const like = example?.value ?? (isFull(value) ? sameWithin(look.like, value) : undefined)
  const name = printKey(key, { ...look, flow: false })
  if (!isFull(value)) {
    const [first, ...rest] = printScalar(value, { style, like })
    return [`${name}: ${first}`, ...indented(rest, style.mapping)]
  }
  const isFlow = like === undefined ? holdsFlow(look.like) : isFlowNode(like)
  const line = isFlow ? fitting(value, { style, like }) : undefined
  if (line !== undefined) return [`${name}: ${line}`]
  const step = stepTo(value, { style, example: isFlow ? undefined : example })
  return [`${name}:`, ...indented(printBlock(value, { style, like }), step)]
}

/** By how much a collection is indented below its key: as an example is, where there is one. */
function stepTo(
  value: Plain,
  { style, example }: { readonly style: Style; readonly example: Pair | undefined },
): number {
  const [usual, least] = Array.isArray(value) ? [style.sequence, 0] : [style.mapping, 1]
  const step = example === undefined ? usual : stepOf(style.text, example)
  return step < least ? usual : step
}

/** One entry of a block list. */
export function printItem(value: Plain, look: PrintLook): readonly string[] {
  const line = isFull(value) && isFlowNode(look.like) ? fitting(value, look) : undefined
  const [first, ...rest] =
    line !== undefined ? [line] : isFull(value) ? printBlock(value, look) : printScalar(value, look)
  const { dash } = look.style
  return [`-${' '.repeat(dash - 1)}${first}`, ...indented(rest, dash)]
}

/** Whether a value is a collection with something in it, which block style spreads over lines. */
export const isFull = (value: Plain): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0

const isFlowNode = (node: Node | undefined): boolean =>
  (node?.type === 'map' || node?.type === 'seq') && node.flow

/** A value in flow style; undefined for one that is too long for a line. */
function fitting(value: Plain, look: PrintLook): string | undefined {
  const text = printFlow(value, look)
  const most = Math.max(longest, look.like === undefined ? 0 : 2 * (look.like.end - look.like.start))
  return text.length <= most ? text : undefined
}

const longest = 80

const indented = (lines: readonly string[], by: number): readonly string[] =>
  lines.map(line => (line === '' ? '' : ' '.repeat(by) + line))

function printScalar(value: Plain, look: PrintLook): readonly string[] {
  const { style, like } = look
  if (typeof value !== 'string') return [printFlow(value, look)]
  if (like?.type === 'scalar' && isDeepEqual(valueOf(like), value)) {
    const same = sourceLines(style.text, like)
    if (same !== undefined) return same
  }
  if (!literalForm.test(value)) return [printLike(value, like, { style, flow: false })]
  return value.endsWith('\n') ? ['|', ...value.slice(0, -1).split('\n')] : ['|-', ...value.split('\n')]
}

/** The lines of a text as they are written, from column 0; undefined where they depend on their place. */
function sourceLines(text: string, { start, end, style, tag }: Scalar): readonly string[] | undefined {
  const [first = '', ...rest] = text.slice(start, end).trimEnd().split(/\r?\n/)
  if (tag !== undefined || rest.length === 0) return undefined
  if (style !== 'block') return [first, ...rest.map(line => line.trim())]
  // With an indentation of its own, or with all line breaks at its end, it is not the same elsewhere.
  if (!/^[|>]-?$/.test(first) || rest.some(line => line.includes('\t'))) return undefined
  const margin = Math.min(...rest.filter(line => line !== '').map(line => /^ */.exec(line)![0].length))
  return [first, ...rest.map(line => line.slice(margin))]
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
  return printFlow(value, { style })
}

/** A value in flow style, with the quotes and spaces of another one. */
export function printFlow(value: Plain, look: PrintLook): string {
  const { style, like, margin } = look
  if (value === null || typeof value !== 'object') return printLike(value, like, { style, flow: true })
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  if (!isFull(value)) return `${open}${close}`
  const written = isFlowNode(like) ? style.text.slice(like!.start, like!.end) : ''
  // Anchors and aliases are not repeated.
  if (written !== '' && !/[\n&*#!]/.test(written) && isDeepEqual(valueOf(like!), value)) return written
  const inner = margin === undefined ? undefined : innerMargin(look, margin)
  const entries = printEntries(value, { style, like, margin: inner })
  if (inner === undefined) {
    const pad = padFor(value, written, style)
    return `${open}${pad}${entries.join(style.comma)}${pad}${close}`
  }
  const { lineBreak } = style
  return `${open}${lineBreak}${inner}${entries.join(`,${lineBreak}${inner}`)}${lineBreak}${margin}${close}`
}

function printEntries(value: object, look: PrintLook): readonly string[] {
  if (!Array.isArray(value))
    return Object.entries(value).map(([key, item]: [string, Plain]) => printFlowPair(key, item, look))
  return (value as readonly Plain[]).map((item, i) =>
    printFlow(item, { ...look, like: exampleItem(look.like, item, i) }),
  )
}

const padFor = (value: object, written: string, { pads }: Style): string =>
  written === '' || written.includes('\n') ? pads[Array.isArray(value) ? 'seq' : 'map'] : padIn(written)

/** The margin of the entries of a collection that goes over lines, as the one that it is to look like does. */
function innerMargin({ style, like }: PrintLook, margin: string): string | undefined {
  if (!isFlowNode(like)) return style.isSpread ? margin + style.unit : undefined
  const inner = /^.[ \t]*\r?\n([ \t]*)/.exec(style.text.slice(like!.start, like!.end))?.[1]
  const outer = inner === undefined ? '' : marginAt(style.text, like!.start)
  if (inner === undefined || !inner.startsWith(outer)) return inner && margin + style.unit
  return margin + inner.slice(outer.length)
}

/** One entry of a flow mapping, which is to look like those of another mapping. */
export function printFlowPair(key: string, value: Plain, look: PrintLook): string {
  const { style } = look
  const like = examplePair(key, value, look)?.value
  return `${printKey(key, { ...look, flow: true })}${style.colon}${printFlow(value, { ...look, like })}`
}

/** A key, in quotes where all keys of the mapping that it is to look like are. */
function printKey(key: string, { style, like, flow }: PrintLook & { readonly flow: boolean }): string {
  const keys = like?.type === 'map' ? like.entries.map(entry => entry.key) : []
  const quoted = keys.length > 0 && keys.every(one => one.type === 'scalar' && one.style !== 'plain')
  return quoted ? printLike(key, keys[0], { style, flow }) : printText(key, style, flow)
}

/** A scalar in the quotes that another one had. */
export function printLike(
  value: Plain,
  old: Node | undefined,
  { style, flow }: { readonly style: Style; readonly flow: boolean },
): string {
  if (typeof value !== 'string' || old?.type !== 'scalar' || style.json)
    return printInline(value, style, flow)
  const written = style.text.slice(old.start, old.end)
  const isQuoted = old.style === 'double' || old.style === 'single'
  if (isQuoted && old.tag === undefined && old.text === value && /^["'][^\n]*["']$/.test(written))
    return written
  return printQuotedLike(value, old, { style, flow })
}
