import { descendants, type Mapping, type Node } from '../yaml/node.ts'

/** How a document is laid out, so that what is added looks like the rest. */
export interface Style {
  /** Spaces by which a mapping stands below its key, and a list below its key. */
  readonly mapping: number
  readonly sequence: number
  readonly quote: '"' | "'"
  readonly lineBreak: '\n' | '\r\n'
  /** JSON: everything quoted; and the white space of one level where it is spread over lines. */
  readonly json: boolean
  readonly unit: string
}

/** The style of a document, from the first example of each habit in it. */
export function styleOf(text: string, root: Node): Style {
  const { mapping = 2, sequence = 0, quote = '"' } = habitsOf(text, root)
  const json = (root.type === 'map' || root.type === 'seq') && root.flow
  const unit = json ? /^[[{]\r?\n([ \t]+)/.exec(text.slice(root.start))?.[1] : undefined
  return {
    mapping,
    sequence,
    quote: json ? '"' : quote,
    lineBreak: lineBreakOf(text),
    json,
    unit: unit ?? '  ',
  }
}

type Habits = { -readonly [K in 'mapping' | 'sequence' | 'quote']?: Style[K] }

function habitsOf(text: string, root: Node): Habits {
  const habits: Habits = {}
  for (const node of descendants(root)) {
    if (node.type === 'scalar' && node.style === 'double') habits.quote ??= '"'
    if (node.type === 'scalar' && node.style === 'single') habits.quote ??= "'"
    if (node.type === 'map' && !node.flow) noteSteps(habits, text, node)
  }
  return habits
}

/** Notes by how much the block collections in a mapping are indented. */
function noteSteps(habits: Habits, text: string, { entries }: Mapping): void {
  for (const { start, value } of entries) {
    if ((value.type !== 'map' && value.type !== 'seq') || value.flow) continue
    const step = columnOf(text, value.start) - columnOf(text, start)
    if (value.type === 'map') habits.mapping ??= step
    else habits.sequence ??= step
  }
}

/** The first line break of a text, which stands for all of them. */
export const lineBreakOf = (text: string): '\n' | '\r\n' =>
  /\r?\n/.exec(text)?.[0] === '\r\n' ? '\r\n' : '\n'

/** The column of an offset, counted from 0. */
export const columnOf = (text: string, offset: number): number =>
  offset - (text.lastIndexOf('\n', offset - 1) + 1)
