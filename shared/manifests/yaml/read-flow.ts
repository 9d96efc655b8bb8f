import type { Item, Node, Pair, Scalar } from './node.ts'

interface FlowOptions {
  /** Strict JSON over any number of lines; else the plain part of YAML's flow style, on one line. */
  readonly json: boolean
}

const jsonString = /"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const jsonOther = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null/y
const yamlDouble = /"(?:[^"\\\n]|\\["\\bnrt])*"/y
const yamlSingle = /'(?:[^'\n]|'')*'/y
/** A colon belongs to an unquoted text where a letter or the like follows it, as in the name of an image. */
const yamlPlain =
  /[A-Za-z0-9_/.^$(](?:[\w./$^()*+|%@;=~\\&<>!-]|:(?=[\w/.]))*(?: +(?:[\w./$^()*+|%@;=~\\&<>!-]|:(?=[\w/.]))+)*/y
const wordKeys = /^(?:[yn]|yes|no|on|off|true|false|null)$|^[.\d]/i

/** Reads `{}` and `[]` from one place on; undefined where it finds something that it does not know. */
export class FlowReader {
  readonly #text: string
  readonly #json: boolean
  readonly #blank: RegExp
  #pos = 0

  constructor(text: string, { json }: FlowOptions) {
    this.#text = text
    this.#json = json
    this.#blank = json ? /[ \t\r\n]*/y : / */y
  }

  read(start: number): Node | undefined {
    this.#pos = start
    return this.#value()
  }

  /** The whole text as one value with nothing behind it. */
  readAll(): Node | undefined {
    const node = this.read(0)
    this.#skip()
    return this.#pos === this.#text.length ? node : undefined
  }

  #value(): Node | undefined {
    const opening = this.#text[this.#pos]
    return opening === '{' || opening === '[' ? this.#collection(opening) : this.#scalar()
  }

  #collection(opening: '{' | '['): Node | undefined {
    const start = this.#pos++
    const closing = opening === '{' ? '}' : ']'
    const entries: (Item | Pair)[] = []
    this.#skip()
    while (this.#text[this.#pos] !== closing) {
      const entry = opening === '{' ? this.#pair() : this.#item()
      if (entry === undefined) return undefined
      entries.push(entry)
      this.#skip()
      if (this.#text[this.#pos] === closing) break
      if (this.#text[this.#pos] !== ',') return undefined
      this.#pos++
      this.#skip()
      // A trailing comma is an error in JSON, and rare in YAML.
      if (this.#text[this.#pos] === closing) return undefined
    }
    const end = ++this.#pos
    return opening === '{'
      ? { type: 'map', flow: true, entries: entries as Pair[], start, end }
      : { type: 'seq', flow: true, entries, start, end }
  }

  #item(): Item | undefined {
    const start = this.#pos
    const value = this.#value()
    return value === undefined ? undefined : { start, after: start, end: value.end, value }
  }

  #pair(): Pair | undefined {
    const start = this.#pos
    const key = this.#scalar()
    if (key === undefined || (key.style === 'plain' && (this.#json || wordKeys.test(key.text))))
      return undefined
    if (this.#json) this.#skip()
    if (this.#text[this.#pos] !== ':') return undefined
    const after = ++this.#pos
    this.#skip()
    if (!this.#json && this.#pos === after) return undefined
    const value = this.#value()
    return value === undefined ? undefined : { key, start, after, end: value.end, value }
  }

  #scalar(): Scalar | undefined {
    const start = this.#pos
    const quote = this.#text[start]
    const found =
      quote === '"'
        ? this.#match(this.#json ? jsonString : yamlDouble)
        : quote === "'" && !this.#json
          ? this.#match(yamlSingle)
          : this.#match(this.#json ? jsonOther : yamlPlain)
    if (found === undefined) return undefined
    this.#pos = start + found.length
    const scalar = (style: Scalar['style'], text: string): Scalar => ({
      type: 'scalar',
      style,
      text,
      start,
      end: this.#pos,
    })
    if (quote === '"')
      return scalar('double', found.includes('\\') ? (JSON.parse(found) as string) : found.slice(1, -1))
    return quote === "'" ? scalar('single', found.slice(1, -1).replaceAll("''", "'")) : scalar('plain', found)
  }

  #match(form: RegExp): string | undefined {
    form.lastIndex = this.#pos
    return form.exec(this.#text)?.[0]
  }

  #skip(): void {
    this.#blank.lastIndex = this.#pos
    this.#blank.exec(this.#text)
    this.#pos = this.#blank.lastIndex
  }
}
