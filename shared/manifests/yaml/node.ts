/**
 * A node of one document, with the range of its own characters: no trailing comment, no line break after it.
 */
export type Node = Scalar | Mapping | Sequence | Alias

interface Range {
  readonly start: number
  readonly end: number
  readonly tag?: string | undefined
}
export interface Scalar extends Range {
  readonly type: 'scalar'
  readonly style: 'plain' | 'single' | 'double' | 'block'
  /** What is written, quotes and escapes resolved; nothing at all is `''` in plain style. */
  readonly text: string
}
export interface Mapping extends Range {
  readonly type: 'map'
  readonly flow: boolean
  readonly entries: readonly Pair[]
}
export interface Sequence extends Range {
  readonly type: 'seq'
  readonly flow: boolean
  readonly entries: readonly Item[]
}
export interface Alias extends Range {
  readonly type: 'alias'
  readonly target: Node
}

/**
 * What is in a collection. `start` is where its key or dash begins, `after` is directly behind the colon
 * or dash.
 */
interface Entry {
  readonly start: number
  readonly after: number
  readonly end: number
  readonly value: Node
}
export interface Pair extends Entry {
  readonly key: Node
}
export type Item = Entry

/** Trouble at one place of a document; whoever knows the file turns it into an error for people. */
export class SourceProblem extends Error {
  readonly offset: number
  readonly hint: string

  constructor(offset: number, message: string, hint = 'Fix the YAML there.') {
    super(message)
    this.name = 'SourceProblem'
    this.offset = offset
    this.hint = hint
  }
}

/** Every node below and including one, each before those in it; aliases are not followed. */
export function descendants(node: Node): readonly Node[] {
  const all: Node[] = []
  const add = (one: Node): void => {
    all.push(one)
    if (one.type !== 'map' && one.type !== 'seq') return
    for (const entry of one.entries) {
      if ('key' in entry) add(entry.key)
      add(entry.value)
    }
  }
  add(node)
  return all
}
