/** A part of a CRD's OpenAPI schema in a compact form: other parts are named by their index. */
export interface Schema {
  /** `any` keeps whatever is there (`x-kubernetes-preserve-unknown-fields`). */
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'int-or-string' | 'any'
  readonly properties?: Readonly<Record<string, number>>
  /** What every value of a map is (`additionalProperties`). */
  readonly values?: number
  readonly items?: number
  readonly required?: readonly string[]
  /** Groups of keys of which at most one may stand. */
  readonly atMostOne?: readonly (readonly string[])[]
  /** Groups of keys of which one must stand whole. */
  readonly anyOf?: readonly (readonly string[])[]
  readonly mapKeys?: readonly string[]
  /** No two items of a list are equal. */
  readonly isSet?: boolean
  /** Fields that only the experimental channel of an API has. */
  readonly experimental?: readonly string[]
  /** Values that only that channel has. */
  readonly experimentalValues?: readonly unknown[]
  /** CEL rules with what they say. */
  readonly rules?: readonly (readonly [rule: string, message: string])[]
  readonly enum?: readonly (string | number)[]
  readonly format?: string
  readonly pattern?: string
  readonly nullable?: boolean
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly maxProperties?: number
}

/** A CEL rule by hand: whether the value holds it. It is asked only about values of the right type. */
export type CelCheck = (self: never) => boolean

/** The schema of one kind's `spec`. */
export interface KindSchema {
  readonly spec: Schema
  readonly specRequired: boolean
  readonly versions: readonly string[]
  /** The CEL rules by their text. */
  readonly cel: ReadonlyMap<string, CelCheck>
  at(index: number): Schema
}

interface Stored {
  readonly roots: Readonly<
    Record<
      string,
      { readonly spec: number; readonly required: boolean; readonly versions: readonly string[] }
    >
  >
  readonly nodes: readonly Schema[]
}

/**
 * Finds the schema of a kind in a generated text (`crdSchemas`); the text is parsed on the first call, so that those who
 * never ask pay nothing.
 */
export function schemasIn(text: string, cel: KindSchema['cel']): (kind: string) => KindSchema | undefined {
  let stored: Stored | undefined
  return kind => {
    stored ??= JSON.parse(text) as Stored
    const { roots, nodes } = stored
    const root = roots[kind]
    return root === undefined
      ? undefined
      : {
          spec: nodes[root.spec]!,
          specRequired: root.required,
          versions: root.versions,
          cel,
          at: index => nodes[index]!,
        }
  }
}
