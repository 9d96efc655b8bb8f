import type { Item, Node, Pair, Scalar } from './node.ts'
import { FlowReader } from './read-flow.ts'
import { readLiteral } from './read-literal.ts'

/**
 * Reads the YAML that almost every manifest is written in: block collections, one-line scalars and flow,
 * literal blocks. Undefined for anything
 * else, be it wrong or only rare: then a full reader decides. Tested to agree with that one, ranges included.
 */
export function readSimple(text: string): Node | undefined {
  if (unusual.test(text)) return undefined
  try {
    return new SimpleReader(text).read()
  } catch (error) {
    if (error instanceof NotSimple) return undefined
    throw error
  }
}

/** Thrown inside the simple readers to hand over to the full one. */
export class NotSimple extends Error {}

export const notSimple = (): never => {
  throw new NotSimple()
}

/** Tabs, control characters, other line breaks than LF and CRLF, and what is outside the basic plane. */
const unusual = /[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]|\r(?!\n)/

const [space, newline, dash, hash, carriageReturn] = [32, 10, 45, 35, 13]
const keyForm = /(?:([A-Za-z_/.][\w./-]*)|"([^"\\\n]*)"|'([^'\n]*)'):(?=[ \r\n]|$)/y
const doubleQuoted = /"((?:[^"\\\n]|\\["\\bnrt])*)"/y
const singleQuoted = /'((?:[^'\n]|'')*)'/y
/**
 * An unquoted scalar to the end of its line: no `: `, no ` #`, no colon at the end, and no character at the
 * start that means something else.
 */
const plainForm =
  /(?:[^\s,[\]{}#&*!|>'"%@`?:=<-]|-(?=[^\s,[\]{}]))(?:[^\s:#]|:(?=[^\s])|(?<=\S)#|[ ]+(?=[^\s#]))*/y
const wordKeys = /^(?:[yn]|yes|no|on|off|true|false|null)$|^\.[.\dein]/i

class SimpleReader {
  readonly #text: string
  #pos = 0
  /** Where the line of `#pos` begins. */
  #line = 0

  constructor(text: string) {
    this.#text = text
  }

  read(): Node {
    if (!this.#nextContent()) return empty(0)
    const root = this.#block(0)
    return this.#nextContent() ? notSimple() : root
  }

  /** The column of `#pos`. */
  get #column(): number {
    return this.#pos - this.#line
  }

  /**
   * Moves over blank lines and comments to the next content; false at the end. Starts at the beginning of a
   * line or within one.
   */
  #nextContent(): boolean {
    const text = this.#text
    for (;;) {
      let code = text.charCodeAt(this.#pos)
      while (code === space || code === carriageReturn) code = text.charCodeAt(++this.#pos)
      if (Number.isNaN(code)) return false
      if (code !== newline && code !== hash) return true
      const end = text.indexOf('\n', this.#pos)
      if (end < 0) {
        this.#pos = text.length
        return false
      }
      this.#line = this.#pos = end + 1
    }
  }

  /** The rest of a line after a value: blanks and a comment. Ends at the next line. */
  #endLine(): void {
    const text = this.#text
    const start = this.#pos
    let code = text.charCodeAt(this.#pos)
    while (code === space || code === carriageReturn) code = text.charCodeAt(++this.#pos)
    if (Number.isNaN(code)) return
    if (code !== newline && (code !== hash || this.#pos === start)) notSimple()
    const end = text.indexOf('\n', this.#pos)
    this.#pos = end < 0 ? text.length : end + 1
    this.#line = this.#pos
  }

  /** A block collection that begins at `#pos`, at least at that column. */
  #block(least: number): Node {
    const column = this.#column
    if (column < least) notSimple()
    if (this.#isDash()) return this.#sequence(column)
    return this.#mapping(column)
  }

  #isDash(): boolean {
    if (this.#text.charCodeAt(this.#pos) !== dash) return false
    const next = this.#text.charCodeAt(this.#pos + 1)
    return next === space || next === newline || next === carriageReturn || Number.isNaN(next)
  }

  #key(): Scalar | undefined {
    keyForm.lastIndex = this.#pos
    const found = keyForm.exec(this.#text)
    if (found === null) return undefined
    const [whole, plain, double, single] = found
    if (plain !== undefined && wordKeys.test(plain)) notSimple()
    const style = plain !== undefined ? 'plain' : double !== undefined ? 'double' : 'single'
    return {
      type: 'scalar',
      style,
      text: plain ?? double ?? single ?? '',
      start: this.#pos,
      end: this.#pos + whole.length - 1,
    }
  }

  #mapping(column: number): Node {
    const start = this.#pos
    const entries: Pair[] = []
    let more = true
    while (more) {
      const key = this.#key() ?? notSimple()
      this.#pos = key.end + 1
      const value = this.#value(column, false)
      entries.push({ key, start: key.start, after: key.end + 1, end: value.end, value })
      more = this.#nextContent() && this.#column === column
      if (more && this.#isDash()) notSimple()
    }
    if (this.#pos < this.#text.length && this.#column > column) notSimple()
    return { type: 'map', flow: false, entries, start, end: entries.at(-1)!.end }
  }

  #sequence(column: number): Node {
    const start = this.#pos
    const entries: Item[] = []
    let more = true
    while (more) {
      const begin = this.#pos++
      const value = this.#value(column, true)
      entries.push({ start: begin, after: begin + 1, end: value.end, value })
      more = this.#nextContent() && this.#column === column && this.#isDash()
    }
    if (this.#pos < this.#text.length && this.#column > column) notSimple()
    return { type: 'seq', flow: false, entries, start, end: entries.at(-1)!.end }
  }

  /** What follows a colon or a dash that belongs to a collection at this column. */
  #value(column: number, ofItem: boolean): Node {
    const text = this.#text
    const after = this.#pos
    while (text.charCodeAt(this.#pos) === space) this.#pos++
    const code = text.charCodeAt(this.#pos)
    const isEnd =
      code === newline
      || code === carriageReturn
      || Number.isNaN(code)
      || (code === hash && this.#pos > after)
    if (!isEnd) return this.#inline(column, ofItem)
    if (!this.#nextContent()) return empty(after)
    const isIndentless = !ofItem && this.#column === column && this.#isDash()
    return this.#column > column || isIndentless ? this.#block(column) : empty(after)
  }

  #inline(column: number, ofItem: boolean): Node {
    if (ofItem && this.#isDash()) return this.#sequence(this.#column)
    if (ofItem && this.#key() !== undefined) return this.#mapping(this.#column)
    const node = this.#scalarOrFlow(column)
    if (node.type === 'scalar' && node.style === 'block') return node
    this.#pos = node.end
    this.#endLine()
    return node
  }

  #scalarOrFlow(column: number): Node {
    const text = this.#text
    const start = this.#pos
    switch (text.charAt(start)) {
      case '"':
        return this.#doubleQuoted()
      case "'":
        return this.#singleQuoted()
      case '{':
      case '[':
        return new FlowReader(text, { json: false }).read(start) ?? notSimple()
      case '|':
        return this.#literal(column)
      default: {
        const [plain = notSimple()] = this.#match(plainForm)
        return { type: 'scalar', style: 'plain', text: plain, start, end: start + plain.length }
      }
    }
  }

  #doubleQuoted(): Scalar {
    const [start, [whole = notSimple(), inner = '']] = [this.#pos, this.#match(doubleQuoted)]
    const text = inner.includes('\\') ? (JSON.parse(whole) as string) : inner
    return { type: 'scalar', style: 'double', text, start, end: start + whole.length }
  }

  #singleQuoted(): Scalar {
    const [start, [whole = notSimple(), inner = '']] = [this.#pos, this.#match(singleQuoted)]
    const text = inner.replaceAll("''", "'")
    return { type: 'scalar', style: 'single', text, start, end: start + whole.length }
  }

  #match(form: RegExp): readonly string[] {
    form.lastIndex = this.#pos
    return form.exec(this.#text) ?? []
  }

  /** `|` and `|-`, without an indentation indicator. Ends at the beginning of the line after it. */
  #literal(column: number): Scalar {
    const start = this.#pos
    const strip = this.#text[start + 1] === '-'
    this.#pos += strip ? 2 : 1
    this.#endLine()
    const { lines, end, next } = readLiteral(this.#text, this.#pos, column) ?? notSimple()
    this.#line = this.#pos = next
    const text = lines.join('\n') + (strip ? '' : '\n')
    return { type: 'scalar', style: 'block', text, start, end }
  }
}

const empty = (at: number): Scalar => ({ type: 'scalar', style: 'plain', text: '', start: at, end: at })
