import {
  isAlias,
  isMap,
  isScalar,
  parseDocument,
  type Alias as YamlAlias,
  type CST,
  type Node as YamlNode,
  type Scalar as YamlScalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import { maskFlowText } from './flow-text.ts'
import { SourceProblem, type Item, type Node, type Pair, type Scalar } from './node.ts'

/** Reads one document of any YAML. Throws a SourceProblem where it is wrong. */
export function readFull(text: string): Node {
  const { masked, unmask } = maskFlowText(text)
  const document = parseDocument(masked, {
    version: '1.1',
    schema: 'failsafe',
    uniqueKeys: false,
    keepSourceTokens: true,
    prettyErrors: false,
    logLevel: 'silent',
  })
  // go-yaml reads a comment directly behind a quote or bracket as one.
  const error = document.errors.find(({ message }) => !message.startsWith('Comments must be separated'))
  if (error !== undefined)
    throw new SourceProblem(
      Math.min(error.pos[0], Math.max(0, text.trimEnd().length - 1)),
      firstSentence(error.message),
    )
  const contents = document.contents
  return contents === null ? nothing(0) : new Converter(text, unmask).convert(contents)
}

const anchorForm = /^[\w-]+$/

const firstSentence = (message: string): string => {
  const line = message
    .split('\n')[0]!
    .replace(/[.:]$/, '')
    .replace(/(?<=["'])(?=quote$)/, ' ')
  return line.charAt(0).toLowerCase() + line.slice(1)
}
const nothing = (at: number): Scalar => ({ type: 'scalar', style: 'plain', text: '', start: at, end: at })
const styles = {
  PLAIN: 'plain',
  QUOTE_SINGLE: 'single',
  QUOTE_DOUBLE: 'double',
  BLOCK_LITERAL: 'block',
  BLOCK_FOLDED: 'block',
} as const

/** Where the parts of a mapping's entry are in the text; `at` where the key is that is left out. */
interface PairOffsets {
  readonly at: number
  readonly colon: number | undefined
  readonly explicit: number | undefined
}

class Converter {
  readonly #text: string
  /** Undefined while the anchor's own value is being read. */
  readonly #anchors = new Map<string, Node | undefined>()
  /** How many flow collections are around the node. */
  #flow = 0

  readonly #unmask: (text: string) => string

  constructor(text: string, unmask: (text: string) => string) {
    this.#text = text
    this.#unmask = unmask
  }

  convert(node: YamlNode | null, at = 0): Node {
    if (node === null) return nothing(at)
    const anchor = isAlias(node) ? undefined : node.anchor
    if (anchor !== undefined && !anchorForm.test(anchor))
      throw new SourceProblem(
        at,
        `kubectl cannot read the anchor \`&${this.#unmask(anchor)}\``,
        'Use letters and digits.',
      )
    if (anchor !== undefined) this.#anchors.set(anchor, undefined)
    const converted = this.#convert(node, at)
    if (anchor !== undefined) this.#anchors.set(anchor, converted)
    return converted
  }

  #convert(node: YamlNode, at: number): Node {
    if (isAlias(node)) return this.#alias(node)
    if (isScalar(node)) return this.#scalar(node, at)
    return isMap(node) ? this.#map(node) : this.#seq(node)
  }

  #alias({ source, range }: YamlAlias): Node {
    const [start, end] = range!
    const target = this.#anchors.get(source)
    if (target !== undefined) return { type: 'alias', start, end, target }
    throw new SourceProblem(
      start,
      this.#anchors.has(source)
        ? `the value of \`&${source}\` contains itself`
        : `there is no anchor \`&${source}\` before it`,
    )
  }

  #scalar(node: YamlScalar, at: number): Scalar {
    const [from, to] = node.range!
    const text = typeof node.value === 'string' ? this.#unmask(node.value) : ''
    const style = styles[node.type as keyof typeof styles] ?? 'plain'
    const tag = node.tag
    if (style === 'plain' && text === '' && tag === undefined && node.anchor === undefined) return nothing(at)
    this.#refuseForeign(this.#text.slice(from, to), { style, from, tag })
    if (style !== 'block') return { type: 'scalar', style, text, start: from, end: to, tag }
    // With `+` the blank lines at the end belong to the text, else to what comes after.
    const keeps = /^[|>][0-9]?\+/.test(this.#text.slice(from, from + 3))
    const slice = this.#text.slice(from, to)
    return {
      type: 'scalar',
      style,
      text,
      start: from,
      end: from + slice.replace(keeps ? /\r?\n$/ : /(?:\r?\n *)+$/, '').length,
      tag,
    }
  }

  /** What kubectl's reader takes for an error, and this one does not. */
  #refuseForeign(
    source: string,
    { style, from, tag }: Pick<Scalar, 'style' | 'tag'> & { readonly from: number },
  ): void {
    if (style === 'plain' && source === '' && tag !== undefined && this.#flow > 0)
      throw new SourceProblem(
        from,
        'kubectl cannot read a tag without a value between brackets',
        'Write the value.',
      )
    if (style === 'plain' && this.#flow > 0 && /\?|^:/.test(source))
      throw new SourceProblem(
        from,
        `kubectl cannot read \`${source}\` between brackets without quotes`,
        'Quote it.',
      )
    if (style === 'double' && /(?<!\\)(?:\\\\)*\\\//.test(source))
      throw new SourceProblem(
        from,
        'kubectl does not know the escape `\\/`',
        'Write the slash without a backslash.',
      )
  }

  #map(node: YAMLMap): Node {
    // A pair directly in a list, `[a: b]`, has no source of its own.
    const source = node.srcToken as CST.BlockMap | CST.FlowCollection | undefined
    const flow = source?.type !== 'block-map'
    if (flow) this.#flow++
    const items = (source?.items ?? []).filter(
      item => item.key !== undefined || item.sep !== undefined || item.value !== undefined,
    )
    const entries = node.items.map((pair, i) => {
      const token = items[i]
      const colon = token?.sep?.find(({ type }) => type === 'map-value-ind')
      const explicit = token?.start.find(({ type }) => type === 'explicit-key-ind')
      const at = colon?.offset ?? node.range?.[0] ?? 0
      return this.#pair(pair, { at, colon: colon?.offset, explicit: explicit?.offset })
    })
    if (flow) this.#flow--
    return { type: 'map', flow, entries, ...this.#range(node, flow, entries) }
  }

  #pair(
    { key: yamlKey, value: yamlValue }: YAMLMap['items'][number],
    { at, colon, explicit }: PairOffsets,
  ): Pair {
    const key = this.convert(yamlKey as YamlNode | null, at)
    const after = colon === undefined ? key.end : colon + 1
    if (colon !== undefined && this.#flow > 0) this.#refuseGlued(colon, key)
    const value = this.convert(yamlValue as YamlNode | null, after)
    return { key, start: explicit ?? key.start, after, end: Math.max(value.end, after), value }
  }

  #refuseGlued(colon: number, key: Node): void {
    if (key.type === 'scalar' && key.style === 'plain' && /[,[\]{}]/.test(this.#text.charAt(colon + 1)))
      throw new SourceProblem(colon, 'kubectl reads this colon as a part of the key', 'Add a space after it.')
  }

  #seq(node: YAMLSeq): Node {
    const source = node.srcToken as CST.BlockSequence | CST.FlowCollection
    const flow = source.type === 'flow-collection'
    if (flow) this.#flow++
    const entries = node.items.map((item, i): Item => {
      const dash = flow ? undefined : source.items[i]?.start.find(({ type }) => type === 'seq-item-ind')
      if (dash === undefined) {
        const value = this.convert(item as YamlNode)
        return { start: value.start, after: value.start, end: value.end, value }
      }
      const after = dash.offset + 1
      const value = this.convert(item as YamlNode | null, after)
      return { start: dash.offset, after, end: Math.max(value.end, after), value }
    })
    if (flow) this.#flow--
    return { type: 'seq', flow, entries, ...this.#range(node, flow, entries) }
  }

  #range(
    { range, tag }: YAMLMap | YAMLSeq,
    flow: boolean,
    entries: readonly Item[],
  ): { start: number; end: number; tag: string | undefined } {
    const [from, to] = range ?? [entries[0]!.start, entries[0]!.end]
    return flow
      ? { start: from, end: to, tag }
      : { start: entries[0]?.start ?? from, end: entries.at(-1)?.end ?? to, tag }
  }
}
