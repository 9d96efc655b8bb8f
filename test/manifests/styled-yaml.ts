import { anyText, fc } from '../properties.ts'
import { isPlainText } from '../../shared/manifests/yaml/scalars.ts'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** How one document happens to be written. `dice` yields the many small choices. */
export interface Habits {
  readonly mapping: number
  readonly sequence: number
  readonly lineBreak: '\n' | '\r\n'
  readonly finalBreak: boolean
  readonly comments: boolean
  readonly flow: boolean
  readonly quote: '"' | "'" | ''
  readonly dice: readonly number[]
}

export const habits: fc.Arbitrary<Habits> = fc.record({
  mapping: fc.constantFrom(2, 4),
  sequence: fc.constantFrom(0, 2),
  lineBreak: fc.constantFrom<'\n' | '\r\n'>('\n', '\r\n'),
  finalBreak: fc.boolean(),
  comments: fc.boolean(),
  flow: fc.boolean(),
  quote: fc.constantFrom<'"' | "'" | ''>('"', "'", ''),
  dice: fc.array(fc.nat(99), { minLength: 20, maxLength: 20 }),
})

/** Words that look like something else to one reader or another, and plain ones. */
const text = fc.oneof(
  fc.constantFrom(
    'catalog',
    'version-v1',
    'v2',
    'on',
    'y',
    'no',
    '014',
    '1_000',
    '1:30',
    '0x1F',
    '1e3',
    '~',
    '',
    'null',
    'true',
    '.5',
    '2024-01-01',
    '=',
    '<<',
    '-',
    '- a',
    'a: b',
    'a #b',
    ' a',
    'a ',
    '#',
    '*',
    '&a',
    '!t',
    '%',
    '@',
    '`',
    '{',
    '[a]',
    'a,b',
    '"',
    "'",
    "it's",
    '\\',
    '^(.*?;)?\\s*(user=qa)(;.*)?$',
    'a\nb',
    'a\nb\n',
    '\n',
    '\ta',
    'é',
    '😀',
    '\u0085',
    '\u2028',
    '\u0007',
    '...',
    '---',
    '? a',
    ': ',
  ),
  fc.string({ maxLength: 6 }),
  anyText(4).filter(isWellFormed),
)
const key = fc.oneof(
  { weight: 5, arbitrary: fc.stringMatching(/^[a-z][a-z0-9./-]{0,7}$/) },
  { weight: 1, arbitrary: text.filter(one => one !== '__proto__') },
)
const scalar: fc.Arbitrary<Json> = fc.oneof(
  text,
  fc.integer({ min: -200, max: 200 }),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom(0.5, 1e21, -1.25, 9007199254740991),
)

function isWellFormed(one: string): boolean {
  return one.isWellFormed()
}

/** Values as they stand in manifests. */
export const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value
export const document: fc.Arbitrary<{ readonly [key: string]: Json }> = fc.dictionary(key, json, {
  minKeys: 1,
  maxKeys: 5,
  noNullPrototype: true,
})

/** Prints a document as a person with these habits might have typed it. */
export function printStyled(value: { readonly [key: string]: Json }, how: Habits): string {
  const lines = new Printer(how).block(value)
  return lines.join(how.lineBreak) + (how.finalBreak ? how.lineBreak : '')
}

class Printer {
  readonly #how: Habits
  #turn = 0

  constructor(how: Habits) {
    this.#how = how
  }

  #chance(percent: number): boolean {
    const { dice } = this.#how
    return dice[this.#turn++ % dice.length]! < percent
  }

  block(value: Json): string[] {
    if (Array.isArray(value))
      return (value as readonly Json[]).flatMap(item => this.#decorated(this.#entry('-', item, 2)))
    return Object.entries(value as object).flatMap(([name, item]) =>
      this.#decorated(this.#entry(`${this.#scalar(name, false)}:`, item as Json, this.#how.mapping)),
    )
  }

  #entry(mark: string, value: Json, step: number): string[] {
    if (!isFull(value) || (this.#how.flow && this.#chance(30)))
      return [`${mark} ${this.#inline(value)}${this.#comment()}`]
    const lines = this.block(value)
    const isItem = mark === '-'
    if (isItem && this.#chance(80) && !lines[0]!.trimStart().startsWith('#') && lines[0] !== '')
      return [`- ${lines[0]}`, ...lines.slice(1).map(line => pad(line, 2))]
    return [
      `${mark}${this.#comment()}`,
      ...lines.map(line => pad(line, Array.isArray(value) && !isItem ? this.#how.sequence : step)),
    ]
  }

  #decorated(lines: string[]): string[] {
    if (!this.#how.comments) return lines
    const above = this.#chance(20)
      ? ['# about it']
      : this.#chance(10)
        ? ['# apart', '']
        : this.#chance(10)
          ? ['']
          : []
    return [...above, ...lines]
  }

  #comment(): string {
    return this.#how.comments && this.#chance(15) ? ' # why' : ''
  }

  #inline(value: Json): string {
    if (Array.isArray(value))
      return `[${(value as readonly Json[]).map(item => this.#flow(item)).join(', ')}]`
    if (typeof value === 'object' && value !== null)
      return `{${Object.entries(value)
        .map(([name, item]) => `${this.#scalar(name, true)}: ${this.#flow(item)}`)
        .join(', ')}}`
    return this.#scalar(value, false)
  }

  #flow(value: Json): string {
    return typeof value === 'object' && value !== null ? this.#inline(value) : this.#scalar(value, true)
  }

  #scalar(value: Json, flow: boolean): string {
    if (typeof value !== 'string') return JSON.stringify(value)
    if (this.#how.quote === '' && isPlainText(value, flow)) return value
    if (this.#how.quote === "'" && /^[ -~]*$/.test(value)) return `'${value.replaceAll("'", "''")}'`
    return JSON.stringify(value).replace(
      /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g,
      one => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
  }
}

const isFull = (value: Json): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0
const pad = (line: string, by: number): string => (line === '' ? '' : ' '.repeat(by) + line)
