import { firstPlaces } from '../../objects/text/first-places.ts'
import { closest } from '../../objects/text/closest.ts'
import { formatPath, type Path } from '../rule.ts'
import type { Fault } from './fault.ts'
import type { KindSchema, Schema } from './schema.ts'

/**
 * What the API server refuses by the CRD's schema. Unknown fields count: kubectl asks the server to refuse
 * them, and others have them dropped in silence.
 */
export interface Structure {
  readonly faults: readonly Fault[]
  /** The fields that no schema names. */
  readonly unknownFields: readonly Fault[]
  /** The fields and values that only the experimental channel of the API has. */
  readonly experimentalFields: readonly Fault[]
}

type Keyed = Readonly<Record<string, unknown>>

/** Holds a value to a schema, to the end: every fault that it has, save those that depend on another. */
export function checkStructure(schemas: KindSchema, value: unknown, path: Path): Structure {
  const checker = new Checker(schemas, path)
  checker.check(schemas.spec, value)
  return checker
}

/**
 * Collects into lists, and makes the path of a value only where something is said of it, because this walks through every
 * field of every object.
 */
class Checker implements Structure {
  readonly faults: Fault[] = []
  readonly unknownFields: Fault[] = []
  readonly experimentalFields: Fault[] = []
  readonly #schemas: KindSchema
  /** Where the value is that is looked at. */
  readonly #steps: (string | number)[]

  constructor(schemas: KindSchema, path: Path) {
    this.#schemas = schemas
    this.#steps = [...path]
  }

  check(schema: Schema, value: unknown): void {
    if (schema.type === 'any' || (value === null && schema.nullable === true)) return
    if (!isOfType(value, schema.type))
      return this.#say(`must be ${typeNames[schema.type]}, not ${shown(value)}`)
    const before = this.faults.length
    if (Array.isArray(value)) this.#checkList(schema, value)
    else if (typeof value === 'object' && value !== null) this.#checkMap(schema, value as Keyed)
    else if (typeof value === 'string') this.#checkString(schema, value)
    else this.#say(numberFault(schema, value))
    if (this.faults.length === before && schema.rules !== undefined) this.#checkRules(schema.rules, value)
  }

  #checkString(schema: Schema, value: string): void {
    if (schema.experimentalValues?.includes(value) !== true) this.#say(stringFault(schema, value))
    else this.experimentalFields.push(experimental([...this.#steps], 'value'))
  }

  #checkWithin(step: string | number, index: number, value: unknown): void {
    this.#steps.push(step)
    this.check(this.#schemas.at(index), value)
    this.#steps.pop()
  }

  #say(message: string | undefined, about?: string): void {
    if (message === undefined) return
    this.faults.push({ path: [...this.#steps], message, ...(about === undefined ? {} : { about }) })
  }

  #checkList(schema: Schema, value: readonly unknown[]): void {
    this.#say(listFault(schema, value))
    if (schema.items === undefined) return
    for (let i = 0; i < value.length; i++) this.#checkWithin(i, schema.items, value[i])
  }

  #checkMap(schema: Schema, value: Keyed): void {
    const keys = Object.keys(value)
    this.#checkKeys(schema, value)
    if (keys.length > (schema.maxProperties ?? Infinity))
      this.#say(`can have at most ${schema.maxProperties} entries`, 'entries')
    for (const key of keys) {
      const child = value[key]
      const index =
        schema.properties !== undefined && Object.hasOwn(schema.properties, key)
          ? schema.properties[key]
          : schema.values
      if (child === undefined) continue
      if (index !== undefined) this.#checkWithin(key, index, child)
      else this.#sayUnknown(schema, key)
    }
  }

  #sayUnknown(schema: Schema, key: string): void {
    const path = [...this.#steps, key]
    if (schema.experimental?.includes(key)) this.experimentalFields.push(experimental(path, 'field'))
    else
      this.unknownFields.push({
        path,
        about: 'unknown field',
        ...unknownField(key, schema, [...this.#steps]),
      })
  }

  #checkKeys({ required, atMostOne, anyOf }: Schema, value: Keyed): void {
    for (const key of required ?? []) if (value[key] === undefined) this.#say(`must have ${key}`, key)
    if (atMostOne === undefined && anyOf === undefined) return
    const has = (key: string): boolean => value[key] !== undefined
    for (const group of atMostOne ?? []) {
      const given = group.filter(has)
      if (given.length > 1) this.#say(`can have only one of ${given.join(' and ')}`, given.join())
    }
    const isAny = anyOf === undefined || anyOf.length === 0 || anyOf.some(group => group.every(has))
    if (!isAny) this.#say(`must have ${anyOf.map(group => group.join(' with ')).join(' or ')}`, '')
  }

  #checkRules(rules: NonNullable<Schema['rules']>, value: unknown): void {
    for (const [rule, message] of rules) {
      if (this.#schemas.cel.get(rule)?.(value as never) !== false) continue
      const path = [...this.#steps, ...fieldOf(rule, value)]
      this.faults.push({ path, message, ...(typeof value === 'object' ? { about: message } : {}) })
    }
  }
}

/** The field that a CEL rule about an object looks into, where it is one and is there: `self.value.contains('//')`. */
function fieldOf(rule: string, value: unknown): Path {
  const [, field] = /self\.(\w+)\.(?:startsWith|endsWith|contains|matches)\(/.exec(rule) ?? []
  return field !== undefined && typeof value === 'object' && value !== null && Object.hasOwn(value, field)
    ? [field]
    : []
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

function stringFault(schema: Schema, value: string): string | undefined {
  const { enum: allowed, pattern, format } = schema
  if (allowed !== undefined && !allowed.includes(value))
    return `must be one of ${allowed.join(', ')}, not ${shown(value)}`
  const wrongLength = lengthFault(schema, value)
  if (wrongLength !== undefined) return wrongLength
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(value)) return `must match ${pattern}`
  return format === 'byte' && !base64.test(value) ? 'must be base64' : undefined
}

function lengthFault({ minLength = 0, maxLength = Infinity }: Schema, value: string): string | undefined {
  if (maxLength === Infinity && minLength === 0) return undefined
  const { length } = [...value]
  if (length < minLength)
    return minLength === 1 ? 'must not be empty' : `must have at least ${minLength} characters`
  return length > maxLength ? `can have at most ${maxLength} characters` : undefined
}

function numberFault(
  { enum: allowed, format, minimum = -Infinity, maximum = Infinity }: Schema,
  value: unknown,
): string | undefined {
  if (typeof value !== 'number') return undefined
  if (allowed !== undefined && !allowed.includes(value))
    return `must be one of ${allowed.join(', ')}, not ${value}`
  const [least, most] =
    format === 'int32' ? [Math.max(minimum, -(2 ** 31)), Math.min(maximum, 2 ** 31 - 1)] : [minimum, maximum]
  if (value < least) return `must be at least ${least}, not ${value}`
  return value > most ? `must be at most ${most}, not ${value}` : undefined
}

function listFault(
  { minItems = 0, maxItems = Infinity, mapKeys, isSet }: Schema,
  value: readonly unknown[],
): string | undefined {
  if (value.length < minItems)
    return minItems === 1 ? 'must not be empty' : `must have at least ${minItems} entries`
  if (value.length > maxItems) return `can have at most ${maxItems} entries`
  if (isSet === true && new Set(value.map(item => JSON.stringify(item))).size < value.length)
    return 'can have each entry only once'
  if (mapKeys === undefined) return undefined
  const keys = value.map(item =>
    typeof item === 'object' && item !== null
      ? mapKeys.map(key => String(Reflect.get(item, key))).join('/')
      : '',
  )
  const places = firstPlaces(keys)
  const twice = keys.find((key, i) => places.get(key) !== i)
  return twice === undefined
    ? undefined
    : `can have only one entry with the ${mapKeys.join(' and ')} ${twice}`
}

function isOfType(value: unknown, type: Schema['type']): boolean {
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  if (type === 'int-or-string') return typeof value === 'string' || Number.isInteger(value)
  if (type === 'integer') return Number.isInteger(value)
  return type === 'number' ? Number.isFinite(value) : typeof value === type
}

const typeNames: Readonly<Record<Schema['type'], string>> = {
  object: 'a map',
  array: 'a list',
  string: 'a string',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  'int-or-string': 'a whole number or a string',
  any: 'anything',
}

/** A value as a message shows it, in brief. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return value === null ? 'null' : 'a map'
}

/** More fields than this are not worth reading in a message. */
const mostFields = 20

function unknownField(key: string, { properties = {} }: Schema, path: Path): Pick<Fault, 'message' | 'fix'> {
  const names = Object.keys(properties)
  const meant = names.find(name => plain(name) === plain(key)) ?? closest(key, names)
  const field = formatPath([...path, key])
  if (meant !== undefined)
    return { message: `is not a known field; did you mean ${meant}?`, fix: `Rename ${field} to ${meant}.` }
  const allowed =
    names.length === 0 || names.length > mostFields
      ? ''
      : ` ${formatPath(path)} can have ${names.toSorted().join(', ')}.`
  return { message: 'is not a known field', fix: `Remove ${field}, or write it where it belongs.${allowed}` }
}

const experimental = (path: Path, what: 'field' | 'value'): Fault => ({
  path,
  message: `is a ${what} of the experimental channel, which a cluster with the standard channel does not take`,
  about: `experimental ${what}`,
  fix: `${what === 'field' ? `Remove ${formatPath(path)}` : `Set another value at ${formatPath(path)}`}, or install the experimental channel of the API.`,
})

const plain = (key: string): string => key.toLowerCase().replaceAll(/[-_]/g, '')
