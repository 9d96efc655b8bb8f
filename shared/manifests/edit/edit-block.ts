import type { Mapping, Node, Sequence } from '../yaml/node.ts'
import { exampleItem } from './examples.ts'
import type { Plain } from './plain.ts'
import { printBlock, printItem, printPair } from './print.ts'
import { columnOf, lineBreakOf, type Style, type Styles } from './style.ts'
import type { Added, EntryEdits, ValueLocation, Splice } from './splice.ts'

type Collection = Mapping | Sequence

/**
 * Edits of block collections by whole lines, in a text that ends with a line break. A comment block directly
 * above an entry belongs to it, and so
 * do deeper comments right below.
 */
export class BlockEditor {
  readonly #text: string
  readonly #styles: Styles
  readonly #lineBreak: Style['lineBreak']

  constructor(text: string, styles: Styles) {
    this.#text = text
    this.#styles = styles
    this.#lineBreak = lineBreakOf(text)
  }

  change(collection: Collection, { removed, added }: EntryEdits): readonly Splice[] {
    const places = Map.groupBy(added, ({ before }) => before)
    const insertions = [...places].map(([before, entries]) =>
      this.#insert(
        collection,
        before,
        entries.map(entry => this.#printedEntry(collection, entry)),
      ),
    )
    return [...insertions, ...this.#remove(collection, removed)]
  }

  #printedEntry(collection: Collection, { before, key, value }: Added): readonly string[] {
    const { entries } = collection
    const style = this.#styles.near(entries[Math.min(before, entries.length - 1)]!.start)
    return key === undefined
      ? printItem(value, { style, like: exampleItem(collection, value, before) })
      : printPair(key, value, { style, like: collection })
  }

  /** A value that spreads over lines, in place of another one. */
  replaceByBlock({ collection, entry }: ValueLocation, wanted: Plain): readonly Splice[] {
    const { value, after } = entry
    const column = columnOf(this.#text, entry.start)
    if (collection.type === 'seq') {
      const at = value.start === value.end ? column + 2 : columnOf(this.#text, value.start)
      return [this.replaceWhole(value, wanted, { column: at, lead: value.start === value.end ? ' ' : '' })]
    }
    const style = this.#styles.near(entry.start)
    const below = column + (Array.isArray(wanted) ? style.sequence : style.mapping)
    const text =
      this.#lineBreak + ' '.repeat(below) + this.#printed(printBlock(wanted, { style, like: value }), below)
    // A comment on the key's line stays there.
    const end = this.#lineEnd(value.end)
    const keyEnd = this.#lineEnd(after)
    if (isBlock(value) || keyEnd !== end)
      return [...this.#cutValue({ collection, entry }), { start: keyEnd, end: keyEnd, text }]
    return [
      { start: after, end: value.end, text: '' },
      { start: end, end, text },
    ]
  }

  /**
   * Prints a value where another one began. A comment at that one's end goes to the end of the first line,
   * where every value can bear it.
   */
  replaceWhole(
    node: Node,
    wanted: Plain,
    { column, lead }: { readonly column: number; readonly lead: string },
  ): Splice {
    const { start, end } = node
    const stop = this.#lineEnd(end)
    const [first, ...rest] = printBlock(wanted, { style: this.#styles.near(start), like: node })
    return {
      start,
      end: stop,
      text: lead + this.#printed([`${first}${this.#text.slice(end, stop).trimEnd()}`, ...rest], column),
    }
  }

  /** A value on the line of its key or dash, in place of another one. */
  replaceByInline({ collection, entry }: ValueLocation, text: string): readonly Splice[] {
    const { value, after } = entry
    if (value.start === value.end) return [{ start: after, end: after, text: ` ${text}` }]
    if (!isBlock(value) || this.#lineEnd(after) === this.#lineEnd(value.start))
      return [{ start: value.start, end: value.end, text }]
    return [{ start: after, end: after, text: ` ${text}` }, ...this.#cutValue({ collection, entry })]
  }

  /** Takes a value away whose lines stand below its key or dash. */
  #cutValue({ entry: { value, after } }: ValueLocation): readonly Splice[] {
    if (isBlock(value)) return this.#remove(value, new Set(value.entries.keys()))
    return [{ start: after, end: value.end, text: '' }]
  }

  #printed(lines: readonly string[], column: number): string {
    return lines.join(`${this.#lineBreak}${' '.repeat(column)}`).replace(/[ ]+(?=\r?\n)/g, '')
  }

  #insert(collection: Collection, before: number, added: readonly (readonly string[])[]): Splice {
    const { entries } = collection
    const column = columnOf(this.#text, entries[0]!.start)
    const margin = ' '.repeat(column)
    const lineBreak = this.#lineBreak
    const gap = this.#isSpaced(collection) ? lineBreak : ''
    const printed = added.map(lines => this.#printed(lines, column)).join(`${lineBreak}${gap}${margin}`)
    if (before === 0 && this.#isCompact(collection)) {
      const { start } = entries[0]!
      return { start, end: start, text: printed + lineBreak + gap + margin }
    }
    if (before < entries.length) {
      const start = this.#blockStart(collection, before)
      return { start, end: start, text: margin + printed + lineBreak + gap }
    }
    const start = this.#blockEnd(collection, entries.length - 1)
    return { start, end: start, text: gap + margin + printed + lineBreak }
  }

  /** Whether blank lines separate all entries. */
  #isSpaced(collection: Collection): boolean {
    const { entries } = collection
    return entries.length > 1 && entries.every((_, i) => i === 0 || this.#isBlankAbove(collection, i))
  }

  #isBlankAbove(collection: Collection, i: number): boolean {
    const start = this.#blockStart(collection, i)
    return start > 0 && this.#text.slice(this.#lineStart(start - 1), start).trim() === ''
  }

  #remove(collection: Collection, removed: ReadonlySet<number>): readonly Splice[] {
    // What follows a compact entry moves up to the dash, over blank lines.
    const compact = this.#isCompact(collection) ? collection.entries[0]!.start : undefined
    const cuts: { start: number; end: number }[] = []
    for (const i of [...removed].sort((a, b) => a - b)) {
      const isTail = collection.entries.every((_, j) => j < i || removed.has(j))
      const { start, end } = this.#cutOf(collection, i, { compact, isTail })
      const last = cuts.at(-1)
      if (last !== undefined && (last.start === compact ? this.#textFrom(last.end) : last.end) >= start)
        last.end = end
      else cuts.push({ start, end })
    }
    return cuts.map(({ start, end }) => ({
      start,
      end: start === compact ? this.#textFrom(end) : end,
      text: '',
    }))
  }

  /** What goes with an entry: its lines, and one of two blank spaces around it. */
  #cutOf(
    collection: Collection,
    i: number,
    { compact, isTail }: { readonly compact: number | undefined; readonly isTail: boolean },
  ): Pick<Splice, 'start' | 'end'> {
    const end = this.#blockEnd(collection, i)
    if (i === 0 && compact !== undefined) return { start: compact, end }
    const start = this.#blockStart(collection, i)
    if (isTail) return { start: i > 0 && this.#isSpaced(collection) ? this.#blanksBefore(start) : start, end }
    if (i > 0 && !this.#isBlankAbove(collection, i)) return { start, end }
    return { start, end: this.#blanksAfter(end) }
  }

  #blanksBefore(offset: number): number {
    const [blanks] = /(?:(?<=\n)[ \t]*\r?\n)*$/.exec(this.#text.slice(0, offset))!
    return offset - blanks.length
  }

  #blanksAfter(offset: number): number {
    const [blanks] = /^(?:[ \t]*\r?\n)*/.exec(this.#text.slice(offset))!
    return offset + blanks.length
  }

  /** The offset of the next character that is not white space. */
  #textFrom(offset: number): number {
    return this.#text.length - this.#text.slice(offset).trimStart().length
  }

  /** Whether the first entry is behind a dash (or another mark), as in `- name: a`. */
  #isCompact({ entries }: Collection): boolean {
    const { start } = entries[0]!
    return this.#text.slice(this.#lineStart(start), start).trim() !== ''
  }

  /** The start of an entry's lines, with the comments directly above. */
  #blockStart({ entries }: Collection, i: number): number {
    const { start } = entries[i]!
    const column = columnOf(this.#text, start)
    let at = this.#lineStart(start)
    while (at > 0) {
      const above = this.#lineStart(at - 1)
      const comment = /^ *(?=#)/.exec(this.#text.slice(above, at))
      if (comment === null || comment[0].length > column) break
      at = above
    }
    return at
  }

  /** The end of an entry's lines, with the deeper comments directly below. */
  #blockEnd({ entries }: Collection, i: number): number {
    const { start, end } = entries[i]!
    const column = columnOf(this.#text, start)
    let at = this.#nextLine(end)
    while (at < this.#text.length) {
      const next = this.#nextLine(at)
      const comment = /^ *(?=#)/.exec(this.#text.slice(at, next))
      if (comment === null || comment[0].length <= column) break
      at = next
    }
    return at
  }

  #lineStart(offset: number): number {
    return offset === 0 ? 0 : this.#text.lastIndexOf('\n', offset - 1) + 1
  }

  /** The offset of the line break that ends a line, or of the text's end. */
  #lineEnd(offset: number): number {
    const end = this.#text.indexOf('\n', offset)
    if (end < 0) return this.#text.length
    return this.#text[end - 1] === '\r' ? end - 1 : end
  }

  #nextLine(offset: number): number {
    const end = this.#text.indexOf('\n', offset)
    return end < 0 ? this.#text.length : end + 1
  }
}

const isBlock = (value: ValueLocation['entry']['value']): value is Collection =>
  (value.type === 'map' || value.type === 'seq') && !value.flow
