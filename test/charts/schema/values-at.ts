/** The values of the chart by their paths: `webhook.port`. */

/** As much of a JSON schema as the chart's and Kubernetes' have. */
export interface ChartSchema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly string[]
  readonly pattern?: string
  readonly anyOf?: readonly ChartSchema[]
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, ChartSchema>>
  readonly items?: ChartSchema
  readonly additionalProperties?: boolean | ChartSchema
  readonly definitions?: Readonly<Record<string, ChartSchema>>
}

/** Values in which each path has its value; a later one wins. */
export function valuesAt(paths: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const root: Record<string, unknown> = {}
  for (const [path, value] of Object.entries(paths)) {
    const keys = path.split('.')
    const last = keys.pop()!
    const parent = keys.reduce((map, key) => (map[key] ??= {}) as Record<string, unknown>, root)
    parent[last] = value
  }
  return root
}

/** The path of each value that the schema describes on its own: not of what is inside of a map, a list or a type of Kubernetes. */
export function pathsOf({ properties = {} }: ChartSchema, prefix = ''): readonly string[] {
  return Object.entries(properties).flatMap(([key, below]) =>
    below.properties === undefined || wholes.has(prefix + key)
      ? [prefix + key]
      : pathsOf(below, `${prefix}${key}.`),
  )
}

/** Values that are set as a whole, though the schema describes what is inside; the guard's configuration has a document of its own. */
const wholes: ReadonlySet<string> = new Set(['certificate.issuerRef', 'config', 'resources'])
