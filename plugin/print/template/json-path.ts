import { CanaryError } from '../../../shared/objects/canary-error.ts'

/**
 * A path in kubectl's JSONPath (k8s.io/client-go/util/jsonpath), from one value to those it leads to. What is not
 * there leads nowhere; an index out of bounds is an error. npm's JSONPath packages follow other grammars (RFC 9535,
 * Goessner): they know no `\.`, no `['a.b']` for a path of two names, and no path without `$`.
 */
export type JsonPath = (value: unknown) => readonly unknown[]

/** What a person typed wrongly in a template. */
export const templateError = (message: string): CanaryError =>
  new CanaryError('usage', `invalid template: ${message}`, {
    hints: [
      'kubectl’s documentation of JSONPath has the grammar: kubernetes.io/docs/reference/kubectl/jsonpath',
    ],
  })

/** Reads a path like `.items[*].metadata.name`; throws `usage` for a text that is none. */
export function parsePath(text: string): JsonPath {
  const steps: JsonPath[] = []
  let rest = text.trim().replace(/^[$@]/, '')
  if (!/^[.[]/.test(rest) && rest !== '') throw templateError(`${text} does not begin with a dot`)
  while (rest !== '') {
    const { step, length } = stepOf(rest, text)
    steps.push(step)
    rest = rest.slice(length)
  }
  return value => steps.reduce((values, step) => values.flatMap(step), [value])
}

interface ReadStep {
  readonly step: JsonPath
  /** How much of the text it takes. */
  readonly length: number
}

function stepOf(text: string, whole: string): ReadStep {
  if (text.startsWith('[')) return bracketStep(text, whole)
  if (text.startsWith('..')) {
    // `..name` is everything below, and of that each name.
    const isBeforeBracket = text[2] === '[' || text.length === 2
    return { step: descendants, length: isBeforeBracket ? 2 : 1 }
  }
  const [name = ''] = /^\.((?:\\.|[^.[\]{}\s,()\\])*)/.exec(text)?.slice(1) ?? []
  const length = 1 + name.length
  if (!text.startsWith('.'))
    throw templateError(`${whole} has ${JSON.stringify(text[0])} where a path continues`)
  if (name === '') return { step: value => [value], length }
  return { step: name === '*' ? members : field(name.replaceAll(/\\(.)/g, '$1')), length }
}

const field =
  (name: string): JsonPath =>
  value =>
    isRecord(value) && Object.hasOwn(value, name) ? [value[name]] : []

const members: JsonPath = value =>
  Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : []

/** The value and everything below it that has members. */
const descendants: JsonPath = value =>
  typeof value === 'object' && value !== null ? [value, ...members(value).flatMap(descendants)] : []

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function bracketStep(text: string, whole: string): ReadStep {
  const end = closingBracket(text)
  if (end < 0) throw templateError(`${whole} has a [ without its ]`)
  const inside = text.slice(1, end).trim()
  const filter = /^\?\(([^]*)\)$/.exec(inside)?.[1]
  const parts = filter === undefined ? inside.split(/,(?=(?:[^']*'[^']*')*[^']*$)/) : []
  const steps = filter === undefined ? parts.map(part => partStep(part.trim(), whole)) : [filterStep(filter)]
  return { step: value => steps.flatMap(step => step(value)), length: end + 1 }
}

/** The bracket that closes the first; those in quotes and in filters do not count. */
function closingBracket(text: string): number {
  let depth = 0
  let quote: string | undefined
  for (const [i, letter] of [...text].entries()) {
    if (quote !== undefined) quote = letter === quote ? undefined : quote
    else if (letter === "'" || letter === '"') quote = letter
    else if (letter === '[') depth++
    else if (letter === ']' && --depth === 0) return i
  }
  return -1
}

function partStep(part: string, whole: string): JsonPath {
  if (part === '*') return members
  const quoted = /^'([^']*)'$|^"([^"]*)"$/.exec(part)
  if (quoted !== null) return parsePath(`.${quoted[1] ?? quoted[2]}`)
  if (/^-?\d+$/.test(part)) return index(Number(part))
  const slice = /^(-?\d*):(-?\d*)(?::(\d*))?$/.exec(part)
  if (slice === null) throw templateError(`${whole} has [${part}], which is not an index, a name or a filter`)
  const [from, to, step] = slice.slice(1).map(number => (number ? Number(number) : undefined))
  if (step === 0) throw templateError(`${whole} has a step of 0`)
  return value => (Array.isArray(value) ? value.slice(from, to).filter((_, i) => i % (step ?? 1) === 0) : [])
}

const index =
  (wanted: number): JsonPath =>
  value => {
    if (!Array.isArray(value)) return []
    const place = wanted < 0 ? wanted + value.length : wanted
    if (place in value) return [value[place]]
    throw templateError(`array index out of bounds: index ${wanted}, length ${value.length}`)
  }

/** `@.type=="Ready"`, or a path alone: those where it leads somewhere. */
function filterStep(text: string): JsonPath {
  const [, left = text, operator, right = ''] = /^([^!<>=]+?)\s*(==|!=|<=|>=|<|>)\s*([^]+)$/.exec(text) ?? []
  const [leftOf, rightOf] = [operandOf(left), operandOf(right)]
  const holds = operator === undefined ? undefined : comparisons[operator]!
  const test = (value: unknown): boolean => {
    const [found, ...more] = leftOf(value)
    if (holds === undefined || found === undefined) return found !== undefined || more.length > 0
    return holds(found as string, rightOf(value)[0] as string)
  }
  return value => (Array.isArray(value) ? value : isRecord(value) ? [value] : []).filter(test)
}

function operandOf(text: string): JsonPath {
  const trimmed = text.trim()
  const quoted = /^'([^']*)'$|^"([^"]*)"$/.exec(trimmed)
  if (quoted !== null) return () => [quoted[1] ?? quoted[2]]
  if (/^-?\d+(\.\d+)?$/.test(trimmed)) return () => [Number(trimmed)]
  if (trimmed === 'true' || trimmed === 'false') return () => [trimmed === 'true']
  return parsePath(trimmed)
}

const comparisons: Readonly<Record<string, (left: string, right: string) => boolean>> = {
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
}
