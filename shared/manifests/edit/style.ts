import { descendants, type Item, type Node, type Pair } from '../yaml/node.ts'
import { isMergeKey } from '../yaml/value.ts'

/** How a document is laid out at one place, so that what is added there looks like what is around it. */
export interface Style {
  /** Spaces by which a mapping stands below its key, and a list below its key. */
  readonly mapping: number
  readonly sequence: number
  readonly quote: '"' | "'"
  readonly lineBreak: '\n' | '\r\n'
  /** Columns from a dash to what stands behind it. */
  readonly dash: number
  /** JSON: everything quoted; whether it is spread over lines, and the white space of one level there. */
  readonly json: boolean
  readonly isSpread: boolean
  readonly unit: string
  /** What stands in a flow collection on one line: behind its bracket, between a key and a value, and between entries. */
  readonly pads: { readonly map: string; readonly seq: string }
  readonly colon: string
  readonly comma: string
  /** The text in which the examples stand. */
  readonly text: string
  /** The nearest entry with this key and a value of this type. */
  readonly exampleOf: (key: string, type: Node['type']) => Pair | undefined
}

/** How to print: the style of the place, and a node that the value is to look like. */
export interface PrintLook {
  readonly style: Style
  readonly like?: Node | undefined
  /** The margin of the line, where a value in flow style may go over several lines. */
  readonly margin?: string | undefined
}

/** The styles of a document, by place: of each habit, the nearest example counts. */
export class Styles {
  readonly #text: string
  readonly #fixed: Pick<Style, 'lineBreak' | 'json' | 'isSpread' | 'unit' | 'colon' | 'comma' | 'text'>
  readonly #nodes: readonly Node[]
  #pairs: Map<string, Pair[]> | undefined

  constructor(text: string, root: Node) {
    this.#text = text
    const json = (root.type === 'map' || root.type === 'seq') && root.flow
    const unit = json ? /^[[{]\r?\n([ \t]+)/.exec(text.slice(root.start))?.[1] : undefined
    const isSpread = json && text.slice(root.start, root.end).includes('\n')
    this.#fixed = {
      lineBreak: lineBreakOf(text),
      json,
      isSpread,
      unit: unit ?? '  ',
      ...(json && !isSpread ? marksOf(text, root) : { colon: ': ', comma: ', ' }),
      text,
    }
    this.#nodes = descendants(root)
  }

  /** The style at an offset; at 0, that of the first example of each habit. */
  near(offset: number): Style {
    const nodes = this.#fixed.json ? [] : this.#nodes
    const quoted = nodes.filter(isPlainlyQuoted)
    const steps = nodes.flatMap(node =>
      node.type === 'map' && !node.flow ? node.entries.filter(entry => isBlock(entry.value)) : [],
    )
    const step = (type: Node['type']): number | undefined => {
      const entry = nearest(
        steps.filter(({ value }) => value.type === type),
        offset,
      )
      return entry && stepOf(this.#text, entry)
    }
    const pad = (type: Node['type']): string => {
      const node = nearest(
        this.#nodes.filter(one => one.type === type && isFlowLine(one, this.#text)),
        offset,
      )
      return node === undefined ? '' : padIn(this.#text.slice(node.start, node.end))
    }
    const items = nodes.flatMap(node =>
      node.type === 'seq' && !node.flow ? node.entries.filter(entry => isBehindDash(entry, this.#text)) : [],
    )
    const item = nearest(items, offset)
    return {
      ...this.#fixed,
      dash: item === undefined ? 2 : item.value.start - item.start,
      pads: { map: pad('map'), seq: pad('seq') },
      mapping: step('map') ?? 2,
      sequence: step('seq') ?? 0,
      quote: nearest(quoted, offset)?.style === 'single' ? "'" : '"',
      exampleOf: (key, type) =>
        nearest(
          (this.#byKey().get(key) ?? []).filter(({ value }) => value.type === type),
          offset,
        ),
    }
  }

  #byKey(): ReadonlyMap<string, readonly Pair[]> {
    this.#pairs ??= Map.groupBy(
      this.#nodes
        .flatMap(node => (node.type === 'map' ? node.entries : []))
        .filter(({ key }) => !isMergeKey(key)),
      ({ key }) => (key.type === 'scalar' ? key.text : ''),
    )
    return this.#pairs
  }
}

/** The style of a document, from the first example of each habit in it. */
export const styleOf = (text: string, root: Node): Style => new Styles(text, root).near(0)

/** By how much a block collection stands below its key. */
export const stepOf = (text: string, { start, value }: Pair): number =>
  columnOf(text, value.start) - columnOf(text, start)

type Quoted = Extract<Node, { type: 'scalar' }>

/** Quoted as a matter of taste: a text with `"` or a backslash is in single quotes in any case. */
const isPlainlyQuoted = (node: Node): node is Quoted =>
  node.type === 'scalar' && (node.style === 'double' || (node.style === 'single' && !/["\\]/.test(node.text)))

const isBlock = (value: Node): boolean => (value.type === 'map' || value.type === 'seq') && !value.flow

function nearest<T extends { readonly start: number }>(all: readonly T[], offset: number): T | undefined {
  let [best, least]: [T | undefined, number] = [undefined, Infinity]
  for (const one of all) {
    const distance = Math.abs(one.start - offset)
    if (distance < least) [best, least] = [one, distance]
  }
  return best
}

/** The white space behind the bracket of a flow collection. */
export const padIn = (written: string): string => /^[[{]( *)(?=[^ \r\n])/.exec(written)?.[1] ?? ''

const isFlowLine = (node: Node, text: string): boolean =>
  (node.type === 'map' || node.type === 'seq')
  && node.flow
  && node.entries.length > 0
  && !text.slice(node.start, node.end).includes('\n')

const isBehindDash = ({ after, value }: Item, text: string): boolean =>
  value.start > after && /^ +$/.test(text.slice(after, value.start))

/** How JSON on one line separates keys, values and entries. */
function marksOf(text: string, root: Node): Pick<Style, 'colon' | 'comma'> {
  const [first, second] = root.type === 'map' ? root.entries : []
  return {
    colon: first === undefined ? ': ' : `:${text.slice(first.after, first.value.start)}`,
    comma: first === undefined || second === undefined ? ', ' : text.slice(first.end, second.start),
  }
}

/** The white space at the start of the line of an offset. */
export const marginAt = (text: string, offset: number): string =>
  /^[ \t]*/.exec(text.slice(offset - columnOf(text, offset)))![0]

/** The first line break of a text, which stands for all of them. */
export const lineBreakOf = (text: string): '\n' | '\r\n' =>
  /\r?\n/.exec(text)?.[0] === '\r\n' ? '\r\n' : '\n'

/** The column of an offset, counted from 0. */
export const columnOf = (text: string, offset: number): number =>
  offset - (text.lastIndexOf('\n', offset - 1) + 1)
