/** The schemas of CRDs in the compact form that rules check objects by. */
import type { Schema } from '../../../shared/rules/schema/schema.ts'

/** As much of OpenAPI's schema as CRDs use. */
export interface OpenApi {
  readonly [key: string]: unknown
  readonly properties?: Readonly<Record<string, OpenApi>>
  readonly additionalProperties?: OpenApi
  readonly items?: OpenApi
  readonly oneOf?: readonly OpenApi[]
  readonly anyOf?: readonly OpenApi[]
  readonly allOf?: readonly OpenApi[]
  readonly not?: OpenApi
  readonly required?: readonly string[]
}

/** A CustomResourceDefinition with its schemas. */
export interface CrdWithSchema {
  readonly spec: {
    readonly group: string
    readonly names: { readonly kind: string }
    readonly versions: readonly {
      readonly name: string
      readonly served: boolean
      readonly schema: { readonly openAPIV3Schema: OpenApi }
    }[]
  }
}

interface CelRule {
  readonly rule: string
  readonly message: string
}

/** Collects the parts of schemas. Equal parts are written once: a traffic policy stands four times in a DestinationRule's schema. */
export class SchemaNodes {
  readonly nodes: Schema[] = []
  readonly #known = new Map<string, number>()

  /** The index of a schema; `wider` is that of a channel with more fields. */
  add(schema: OpenApi, wider?: OpenApi): number {
    const node = openNode(schema) ?? this.#compact(schema, wider)
    const text = JSON.stringify(node)
    const found = this.#known.get(text)
    if (found !== undefined) return found
    this.nodes.push(node)
    this.#known.set(text, this.nodes.length - 1)
    return this.nodes.length - 1
  }

  #compact(schema: OpenApi, wider: OpenApi | undefined): Schema {
    const {
      description: _d,
      title: _t,
      example: _e,
      default: _default,
      properties,
      additionalProperties,
      items,
      oneOf,
      anyOf,
      allOf,
      required,
      'x-kubernetes-validations': rules,
      'x-kubernetes-list-map-keys': mapKeys,
      'x-kubernetes-list-type': list,
      'x-kubernetes-map-type': _mapType,
      ...rest
    } = schema
    const listType = list as string | undefined
    const unknown = Object.keys(rest).filter(key => !kept.has(key))
    if (unknown.length > 0) throw new TypeError(`a keyword that is not handled: ${unknown.join(', ')}`)
    if (listType !== undefined && !['map', 'atomic', 'set'].includes(listType))
      throw new TypeError(`a list type that is not handled: ${JSON.stringify(listType)}`)
    const alternatives = [
      ...(oneOf === undefined ? [] : [oneOf]),
      ...(allOf ?? []).map(part => part.oneOf ?? []),
    ]
    const more = Object.keys(wider?.properties ?? {}).filter(key => properties?.[key] === undefined)
    // In this order, and undefined where the CRD says nothing: so JSON leaves it out.
    return {
      ...inOrder(rest, schema, required === undefined ? undefined : undefaulted(required, properties)),
      properties: ifGiven(properties, parts =>
        Object.fromEntries(
          Object.entries(parts).map(([key, part]) => [key, this.add(part, wider?.properties?.[key])]),
        ),
      ),
      values: ifGiven(additionalProperties, part => this.add(part)),
      items: ifGiven(items, part => this.add(part, wider?.items)),
      anyOf: ifGiven(anyOf, parts => parts.map(part => part.required ?? fail('anyOf'))),
      atMostOne: alternatives.length === 0 ? undefined : alternatives.map(atMostOne),
      rules: ifGiven(rules as readonly CelRule[] | undefined, list =>
        list.map(({ rule, message }) => [rule, message]),
      ),
      mapKeys,
      isSet: listType === 'set' ? true : undefined,
      experimental: more.length === 0 ? undefined : more,
      experimentalValues: furtherValues(schema, wider),
    } as unknown as Schema
  }
}

/** The values that a schema does not list and that of a wider channel does. */
function furtherValues(schema: OpenApi, wider: OpenApi | undefined): readonly unknown[] | undefined {
  const [known, all] = [schema['enum'], wider?.['enum']] as readonly (readonly unknown[] | undefined)[]
  const further = known === undefined ? [] : (all ?? []).filter(value => !known.includes(value))
  return further.length === 0 ? undefined : further
}

/** What takes values of several types. */
function openNode(schema: OpenApi): Schema | undefined {
  if (schema['x-kubernetes-int-or-string'] === true) return { type: 'int-or-string' }
  const keepsAll = schema['x-kubernetes-preserve-unknown-fields'] === true
  return keepsAll && schema.properties === undefined ? { type: 'any' } : undefined
}

/** The plain keywords in the order of the CRD, `required` without what the API server fills in. */
const inOrder = (rest: object, schema: OpenApi, required: readonly string[] | undefined): object =>
  Object.fromEntries(
    Object.keys(schema).flatMap(key =>
      key === 'required' && required !== undefined && required.length > 0
        ? [[key, required]]
        : key in rest
          ? [[key, Reflect.get(rest, key) as unknown]]
          : [],
    ),
  )

const undefaulted = (required: readonly string[], properties: OpenApi['properties']): readonly string[] =>
  required.filter(key => properties?.[key]?.['default'] === undefined)

const ifGiven = <T, R>(value: T | undefined, convert: (value: T) => R): R | undefined =>
  value === undefined ? undefined : convert(value)

const kept = new Set([
  'type',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'maxProperties',
  'enum',
  'format',
  'nullable',
  'pattern',
])

/** The one form in which Istio's generator says "none or one of these": a `not anyOf` beside one alternative for each. */
function atMostOne(parts: readonly OpenApi[]): readonly string[] {
  const none = parts.find(part => part.not !== undefined)?.not?.anyOf ?? fail('oneOf')
  const names = none.map(part => part.required?.[0] ?? fail('oneOf'))
  const single = parts.flatMap(part => part.required ?? [])
  if (single.join() !== names.join()) fail('oneOf')
  return names
}

function fail(keyword: string): never {
  throw new TypeError(`a form of ${keyword} that is not handled`)
}

/** The text of a generated file: the schemas as JSON in one string. */
export const generatedText = (
  schemas: object,
  { by, of }: { readonly by: string; readonly of: string },
): string =>
  `// Generated by ${by} from the CRDs of ${of}. Do not edit.
/** The schemas of the CRDs as JSON, parsed where they are first needed. */
export const crdSchemas = ${JSON.stringify(JSON.stringify(schemas)).replaceAll("'", "\\'").replace(/^"|"$/g, "'").replaceAll('\\"', '"')}
`
