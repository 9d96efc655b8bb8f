import { SourceProblem, type Alias, type Mapping, type Node, type Scalar } from './node.ts'
import { readsTwoWays, resolvePlain } from './scalars.ts'

/**
 * A place where kubectl's reading may surprise: a scalar that YAML 1.2 reads otherwise, or a key that is
 * dropped for a later one.
 */
export interface Surprise {
  readonly kind: 'dialect' | 'duplicate-key'
  readonly offset: number
  readonly message: string
}
export type OnSurprise = (surprise: Surprise) => void

/** How many values one document may make of its aliases before it is treated as an attack. */
const mostAliased = 100_000

/** Plain data as the API server would get it from kubectl. Throws a SourceProblem for what cannot be JSON. */
export function valueOf(node: Node, note?: OnSurprise): unknown {
  return new Reader(note).read(node)
}

class Reader {
  readonly #note: OnSurprise | undefined
  #aliased = 0
  #depth = 0

  constructor(note?: OnSurprise) {
    this.#note = note
  }

  read(node: Node): unknown {
    if (this.#depth > 0 && ++this.#aliased > mostAliased)
      throw new SourceProblem(
        node.start,
        'its aliases expand to too much data',
        'Replace the aliases with their values.',
      )
    switch (node.type) {
      case 'scalar':
        return this.#scalar(node)
      case 'seq':
        return node.entries.map(({ value }) => this.read(value))
      case 'map':
        return this.#map(node)
      case 'alias':
        return this.#alias(node)
    }
  }

  #alias({ target }: Alias): unknown {
    this.#depth++
    const value = this.read(target)
    this.#depth--
    return value
  }

  #scalar(node: Scalar): unknown {
    const value = scalarValue(node)
    if (typeof value === 'number' && !Number.isFinite(value))
      throw new SourceProblem(
        node.start,
        `\`${node.text}\` is not a number that JSON can represent`,
        'Quote it.',
      )
    if (
      this.#note !== undefined
      && node.style === 'plain'
      && typeof value !== 'string'
      && readsTwoWays(node.text)
    ) {
      const message = `kubectl reads \`${node.text}\` as ${String(value)}, YAML 1.2 does not; quote it, or write ${String(value)}`
      this.#note({ kind: 'dialect', offset: node.start, message })
    }
    return value
  }

  #map({ entries }: Mapping): object {
    const data: Record<string, unknown> = {}
    const seen = new Set<string>()
    for (const { key, value } of entries) {
      if (isMergeKey(key)) {
        // In the order that they are written, as go-yaml v2 does it: a merge after a key overrides the key.
        for (const merged of this.#merged(value)) assign(data, merged)
        continue
      }
      const name = keyText(key)
      if (seen.has(name))
        this.#note?.({
          kind: 'duplicate-key',
          offset: key.start,
          message: `the key \`${name}\` is repeated; kubectl uses the last value and drops the earlier one`,
        })
      seen.add(name)
      if (key.type === 'scalar' && key.style === 'plain' && name !== key.text && readsTwoWays(key.text))
        this.#note?.({
          kind: 'dialect',
          offset: key.start,
          message: `kubectl reads the key \`${key.text}\` as \`${name}\`, YAML 1.2 does not; quote it`,
        })
      put(data, name, this.read(value))
    }
    return data
  }

  #merged(node: Node): readonly object[] {
    const target = node.type === 'alias' ? node.target : node
    if (target.type === 'map') return [this.read(node) as object]
    // The first of several wins, so the last is laid down first.
    if (target.type === 'seq') return target.entries.toReversed().flatMap(({ value }) => this.#merged(value))
    throw new SourceProblem(node.start, '`<<` needs a mapping')
  }
}

function assign(data: Record<string, unknown>, merged: object): void {
  for (const [name, value] of Object.entries(merged)) put(data, name, value)
}

/** Sets a property, `__proto__` among them. */
export function put(data: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(data, name, { value, enumerable: true, configurable: true, writable: true })
  else data[name] = value
}

export const isMergeKey = (key: Node): boolean =>
  key.type === 'scalar' && key.style === 'plain' && key.text === '<<'

/** The name of a mapping's key, as JSON gets it: `on` is `true`, `014` is `12`. */
export function keyText(key: Node): string {
  const scalar = key.type === 'alias' ? key.target : key
  if (scalar.type !== 'scalar') throw new SourceProblem(key.start, 'a mapping or list cannot be a key')
  const value = scalarValue(scalar)
  if (value === null)
    throw new SourceProblem(key.start, 'a key cannot be null', 'Write the key, or quote it.')
  if (typeof value !== 'number') return String(value)
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    throw new SourceProblem(key.start, 'a number this large cannot be a key', 'Quote it.')
  return Number.isInteger(value) && !/[.eE]/.test(scalar.text) ? String(value) : formatFloat(value)
}

/** Go's `strconv.FormatFloat(value, 'g', -1, 32)`, which names float keys. */
function formatFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '.nan' : value > 0 ? '.inf' : '-.inf'
  const single = Math.fround(value)
  let shortest = String(single)
  for (let digits = 1; digits <= 9; digits++) {
    if (Math.fround(Number(single.toPrecision(digits))) !== single) continue
    shortest = single.toPrecision(digits)
    break
  }
  const [mantissa = '', power = ''] = Number(shortest).toExponential().split('e')
  const exponent = Number(power)
  const size = Math.abs(exponent)
  return exponent < -4 || exponent >= 6
    ? `${mantissa}e${exponent < 0 ? '-' : '+'}${size < 10 ? '0' : ''}${size}`
    : String(Number(shortest))
}

function scalarValue({ tag, style, text, start }: Scalar): string | number | boolean | null {
  if (tag === undefined || tag === '?') return style === 'plain' ? resolvePlain(text) : text
  const name = tag.replace(/^tag:yaml\.org,2002:/, '!!')
  if (name === '!!binary') return decodeBase64(text, start)
  const value = name.startsWith('!!') && name !== '!!str' ? resolvePlain(text) : text
  const type = typeOf(value, text)
  const core = ['!!bool', '!!int', '!!float', '!!null']
  if (core.includes(name) && name !== type && !(name === '!!float' && type === '!!int'))
    throw new SourceProblem(start, `\`${text}\` is not a ${name}`)
  return core.includes(name) ? value : text
}

function typeOf(value: unknown, text: string): string {
  if (typeof value === 'number') return Number.isInteger(value) && !/[.eE]/.test(text) ? '!!int' : '!!float'
  return value === null ? '!!null' : typeof value === 'boolean' ? '!!bool' : '!!str'
}

function decodeBase64(text: string, start: number): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(
      Uint8Array.from(atob(text.replace(/\s/g, '')), character => character.charCodeAt(0)),
    )
  } catch {
    throw new SourceProblem(start, '`!!binary` is not base64 of UTF-8 text')
  }
}
