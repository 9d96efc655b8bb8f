import { parsePath, templateError, type JsonPath } from './json-path.ts'

/** A part of a template: what it writes for a value. */
type TemplatePart = (value: unknown) => string

/**
 * A template of kubectl's `-o jsonpath=`: text, and in braces a path, a text in quotes, or `range PATH` to `end`.
 * Throws `usage` for one that cannot be read.
 */
export function parseTemplate(text: string): TemplatePart {
  const { part, rest } = partsUntilEnd(tokensOf(text), false)
  if (rest.length > 0) throw templateError('{end} without {range}')
  return part
}

/** Every value that the paths of a template lead to, for `-o jsonpath-as-json=`. */
export function parsePaths(text: string): JsonPath {
  const paths = tokensOf(text)
    .filter(({ inBraces }) => inBraces)
    .map(token => parsePath(token.text))
  return value => paths.flatMap(path => path(value))
}

interface Token {
  readonly inBraces: boolean
  readonly text: string
}

/** Quotes protect braces: `{"}"}`. */
function tokensOf(template: string): readonly Token[] {
  const tokens: Token[] = []
  const form = /\{((?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^{}"'])*)\}|([^{]+)|(\{)/gy
  for (const [, braced, plain, open] of template.matchAll(form)) {
    if (open !== undefined) throw templateError('a { without its }')
    tokens.push(
      braced === undefined ? { inBraces: false, text: plain! } : { inBraces: true, text: braced.trim() },
    )
  }
  return tokens
}

interface ReadParts {
  readonly part: TemplatePart
  readonly rest: readonly Token[]
}

function partsUntilEnd(tokens: readonly Token[], inRange: boolean): ReadParts {
  const parts: TemplatePart[] = []
  const written: TemplatePart = value => parts.map(part => part(value)).join('')
  for (let rest = tokens; rest.length > 0;) {
    const [{ inBraces, text }, ...after] = rest as [Token, ...Token[]]
    rest = after
    if (inBraces && text === 'end') return { part: written, rest: inRange ? rest : [{ inBraces, text }] }
    const range = inBraces ? /^range\s+([^]+)$/.exec(text)?.[1] : undefined
    if (range === undefined) parts.push(inBraces ? bracedPart(text) : () => text)
    else {
      const body = partsUntilEnd(rest, true)
      const path = parsePath(range)
      parts.push(value => path(value).map(body.part).join(''))
      rest = body.rest
    }
  }
  if (inRange) throw templateError('{range} without {end}')
  return { part: written, rest: [] }
}

function bracedPart(text: string): TemplatePart {
  const quoted = /^"((?:\\.|[^"\\])*)"$|^'((?:\\.|[^'\\])*)'$/.exec(text)
  if (quoted !== null) {
    const written = unescaped(quoted[1] ?? quoted[2] ?? '')
    return () => written
  }
  const path = parsePath(text)
  return value => path(value).map(formatValue).join(' ')
}

/** Go's escapes are JSON's, as far as they are used here. */
function unescaped(text: string): string {
  try {
    return JSON.parse(`"${text.replaceAll(/(?<!\\)"/g, '\\"').replaceAll("\\'", "'")}"`) as string
  } catch {
    throw templateError(`"${text}" has an unknown escape`)
  }
}

/** Texts as they are, objects and lists as JSON in one line, their keys in order, as Go prints them. */
export const formatValue = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value, (_, part: unknown) => sorted(part))

const sorted = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    : value
