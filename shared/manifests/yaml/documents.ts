import { SourceProblem, type Node } from './node.ts'
import { FlowReader } from './read-flow.ts'
import { readSimple } from './read-simple.ts'

/**
 * One document of a file, from its first character (behind the separator line) to the next separator line or
 * the end.
 */
export interface DocumentSection {
  readonly start: number
  readonly end: number
  /** One of a row of JSON documents: no separator lines, and nothing but JSON may come into it. */
  readonly json: boolean
  /** Why kubectl would not even look into it. */
  readonly problem?: string
}

/**
 * Cuts a file as kubectl does (k8s.io/apimachinery, util/yaml): at lines that begin with `---` and carry at
 * most a comment behind it; a file that
 * begins with a brace is a row of JSON documents for as far as that goes.
 */
export function sectionsOf(text: string): readonly DocumentSection[] {
  const begin = text.startsWith('\ufeff') ? 1 : 0
  const json: DocumentSection[] = []
  let start = begin
  while (/^\s*\{/.test(text.slice(start, start + 4096))) {
    const from = start + text.slice(start).search(/\{/)
    const node = new FlowReader(text, { json: true }).read(from)
    if (node === undefined) break
    json.push({ start: from, end: node.end, json: true })
    start = node.end
  }
  return [...json, ...yamlSections(text, start)]
}

function yamlSections(text: string, begin: number): readonly DocumentSection[] {
  const sections: DocumentSection[] = []
  let start = begin
  const add = (end: number): void => {
    if (/[^\s]/.test(text.slice(start, end))) sections.push({ start, end, json: false })
  }
  const atLine = (at: number): boolean => at === 0 || at === begin || text[at - 1] === '\n'
  for (let at = text.indexOf('---', begin); at >= 0; at = text.indexOf('---', at + 3)) {
    if (!atLine(at)) continue
    add(at)
    const stop = text.indexOf('\n', at)
    const behind = text.slice(at + 3, stop < 0 ? undefined : stop).trimEnd()
    const rest = behind.trim()
    start = stop < 0 ? text.length : stop + 1
    if (rest !== '' && !rest.startsWith('#')) {
      // kubectl reads no further.
      return [
        ...sections,
        {
          start: at,
          end: text.length,
          json: false,
          problem: `\`---${behind.slice(0, 20)}\` is not a document separator: only a comment can follow the dashes`,
        },
      ]
    }
  }
  add(text.length)
  return sections
}

/**
 * Reads the text of one section, ranges counted from its start. Loads the package for the rarer YAML only
 * when it meets some.
 */
export class SectionReader {
  #full: ((text: string) => Node) | undefined

  /** Without waiting; undefined for a text that takes the full reader as long as that is not loaded. */
  readNow(text: string): Node | undefined {
    return guarded(() => {
      const known =
        readSimple(text)
        ?? (text.startsWith('{') ? new FlowReader(text, { json: true }).readAll() : undefined)
      return known ?? (this.#full === undefined ? undefined : readWith(this.#full, text))
    })
  }

  async read(text: string): Promise<Node> {
    const known = this.readNow(text)
    if (known !== undefined) return known
    const { readFull } = await import('./read-full.ts')
    this.#full = readFull
    return guarded(() => readWith(readFull, text))
  }
}

/** Readers go as deep as a document does, and a stack ends somewhere. */
function guarded<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof RangeError)
      throw new SourceProblem(0, 'it is nested too deeply', 'Reduce the nesting.')
    throw error
  }
}

function readWith(full: (text: string) => Node, text: string): Node {
  const lineBreak = /[\x85\u2028\u2029]|\r(?!\n)/.exec(text)
  if (lineBreak !== null)
    throw new SourceProblem(
      lineBreak.index,
      'it contains a character that kubectl reads as a line break and other YAML readers do not (a lone CR, U+0085, U+2028 or U+2029)',
      escapeHint,
    )
  const control = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]/.exec(text)
  if (control !== null)
    throw new SourceProblem(
      control.index,
      `it contains the control character U+${control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
      escapeHint,
    )
  // What follows a line `...` is passed over, as kubectl does.
  const end = endMarker.exec(text)
  return full(end === null ? text : text.slice(0, end.index))
}

const escapeHint = 'Remove it, or write it as an escape in double quotes.'

/** The line that ends a document before its separator. */
export const endMarker = /^\.\.\.(?=\s|$)/m
