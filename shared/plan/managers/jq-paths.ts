/** Where something is in a value: names of fields and indexes of lists. */
export type ValuePath = readonly (string | number)[]

/** One step of a jq path; `?` after it means that an error yields nothing. */
type Step =
  | { readonly does: 'get'; readonly key: string | number; readonly optional: boolean }
  | { readonly does: 'each'; readonly optional: boolean }
  | { readonly does: 'select'; readonly of: readonly Step[]; readonly equals: unknown; readonly not: boolean }

/**
 * What a jq path expression (https://jqlang.org/manual/#path) selects of a value. Undefined where jq would fail, and
 * for what is not read here: everything but fields, indexes, `[]`, `?`, `|`, `,` and
 * `select(PATH == LITERAL)`.
 */
export function jqPaths(expression: string, value: unknown): readonly ValuePath[] | undefined {
  try {
    return piped(splitAt(expression, '|'), value)
  } catch (error) {
    if (error instanceof JqError) return undefined
    throw error
  }
}

class JqError extends Error {}

const piped = (stages: readonly string[], value: unknown): readonly ValuePath[] =>
  stages.reduce<readonly ValuePath[]>(
    (paths, stage) => {
      const alternatives = splitAt(stage, ',').map(stepsOf)
      return paths.flatMap(path => alternatives.flatMap(steps => walked(steps, value, path)))
    },
    [[]],
  )

/** The parts between separators that are in no brackets and no text. */
function splitAt(text: string, separator: string): readonly string[] {
  const parts: string[] = ['']
  let depth = 0
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[^]/g)) {
    if ('([{'.includes(token)) depth++
    if (')]}'.includes(token)) depth--
    if (token === separator && depth === 0) parts.push('')
    else parts[parts.length - 1] += token
  }
  return parts.map(part => part.trim())
}

const stepPattern =
  /\.?\[\s*(?:(?<index>-?\d+)|(?<quoted>"(?:[^"\\]|\\.)*"))?\s*\](?<listMark>\?)?|\.(?:(?<name>[A-Za-z_]\w*)|(?<text>"(?:[^"\\]|\\.)*"))(?<fieldMark>\?)?/g

function stepsOf(term: string): readonly Step[] {
  if (term === '.') return []
  const selected = /^select\((?<condition>[^]*)\)$/.exec(term)?.groups?.['condition']
  if (selected !== undefined) return [selectOf(selected)]
  if (!term.startsWith('.') || term.replaceAll(stepPattern, '') !== '') throw new JqError(term)
  return [...term.matchAll(stepPattern)].map(({ groups = {} }) => stepOf(groups))
}

function stepOf({
  index,
  quoted,
  listMark,
  name,
  text,
  fieldMark,
}: Record<string, string | undefined>): Step {
  const optional = (listMark ?? fieldMark) !== undefined
  if (index !== undefined) return { does: 'get', key: Number(index), optional }
  const key = name ?? (quoted === undefined && text === undefined ? undefined : literalOf((quoted ?? text)!))
  return typeof key === 'string' ? { does: 'get', key, optional } : { does: 'each', optional }
}

function selectOf(condition: string): Step {
  const parts = /^(?<path>[^]*?)(?<operator>==|!=)(?<literal>[^=]*)$/.exec(condition)?.groups
  if (parts === undefined) throw new JqError(condition)
  const { path = '', operator, literal = '' } = parts
  return {
    does: 'select',
    of: stepsOf(path.trim()),
    equals: literalOf(literal.trim()),
    not: operator === '!=',
  }
}

/** A text, number, true, false or null; jq writes them as JSON does. */
function literalOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return value
  } catch {
    // Not one of those.
  }
  throw new JqError(text)
}

function walked(steps: readonly Step[], root: unknown, from: ValuePath): readonly ValuePath[] {
  return steps.reduce<readonly ValuePath[]>(
    (paths, step) => paths.flatMap(path => taken(step, valueAt(root, path), path)),
    [from],
  )
}

function taken(step: Step, value: unknown, path: ValuePath): readonly ValuePath[] {
  switch (step.does) {
    case 'get':
      return canGet(value, step.key) ? [[...path, placeOf(step.key, value)]] : failed(step)
    case 'each':
      return typeof value === 'object' && value !== null
        ? keysOf(value).map(key => [...path, key])
        : failed(step)
    case 'select': {
      const found = walked(step.of, value, []).some(at => (valueAt(value, at) ?? null) === step.equals)
      return found === step.not ? [] : [path]
    }
  }
}

function failed({ optional }: { readonly optional: boolean }): readonly ValuePath[] {
  if (optional) return []
  throw new JqError('cannot index')
}

const keysOf = (value: object): ValuePath =>
  Array.isArray(value) ? value.map((_, i) => i) : Object.keys(value)

const placeOf = (key: string | number, value: unknown): string | number =>
  typeof key === 'number' && key < 0 && Array.isArray(value) ? value.length + key : key

/** jq gives null for a field of null, and fails for one of a text or of a list. */
const canGet = (value: unknown, key: string | number): boolean =>
  value === undefined
  || value === null
  || (typeof key === 'number' ? Array.isArray(value) : typeof value === 'object' && !Array.isArray(value))

/** What is at a place of a value; undefined where nothing is. */
export const valueAt = (root: unknown, path: ValuePath): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? Reflect.get(value, key)
        : undefined,
    root,
  )
