import { readText } from '../../shared/files/read-text.ts'
import { CanaryError } from '../../shared/objects/canary-error.ts'

/** What a file must look like, and how people call it. */
export interface YamlFormat {
  readonly schema: object
  /** `the table`. */
  readonly what: string
  /** Where its format is described: `docs/try-table.schema.json`. */
  readonly documented: string
  /** What a violated `not` of the schema means: `has both from and via`. */
  readonly notMeans?: string
}

/** Where in a document something is. */
type YamlPath = readonly (string | number)[]

/** A document that its schema takes. */
export interface CheckedYaml<T> {
  readonly value: T
  /** The error for something that the schema cannot know, with its line. */
  readonly refuse: (path: YamlPath, message: string) => CanaryError
}

/** The text of a file; throws `unreadable` where there is none. */
export const readYamlFile = (file: string): Promise<string> =>
  readText(file).catch((error: unknown) => {
    throw new CanaryError('unreadable', `${file} cannot be read: ${reasonOf(error)}`, {
      hints: ['Name a file in YAML or JSON.'],
      cause: error,
    })
  })

const reasonOf = (error: unknown): string => {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  return code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'it is a folder' : String(code ?? error)
}

/** The document of a text in YAML or JSON. Throws `unreadable` with the line, for what its schema does not take. */
export async function checkedYaml<T>(
  file: string,
  text: string,
  format: YamlFormat,
): Promise<CheckedYaml<T>> {
  const { LineCounter, parseDocument } = await import('yaml')
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const lineAt = (path: YamlPath): number => {
    for (let end = path.length; end > 0; end--) {
      const node: unknown = document.getIn(path.slice(0, end), true)
      const range: unknown =
        typeof node === 'object' && node !== null ? Reflect.get(node, 'range') : undefined
      if (Array.isArray(range)) return lines.linePos(Number(range[0])).line
    }
    return 1
  }
  const refuseAt = (line: number, message: string): CanaryError =>
    new CanaryError('unreadable', `${file}:${line}: ${message}`, {
      hints: [`The format: ${format.documented}.`],
    })
  const [broken] = document.errors
  if (broken !== undefined) throw refuseAt(lines.linePos(broken.pos[0]).line, broken.message)
  const value = valueOf(document, refuseAt)
  const fault = await faultIn(value, format)
  if (fault !== undefined) throw refuseAt(lineAt(fault.path), fault.message)
  return { value: value as T, refuse: (path, message) => refuseAt(lineAt(path), message) }
}

/** The data of a document; an alias without an anchor is found only here. */
function valueOf(
  document: { toJS(): unknown },
  refuseAt: (line: number, why: string) => CanaryError,
): unknown {
  try {
    return document.toJS()
  } catch (error) {
    throw refuseAt(1, error instanceof Error ? error.message : String(error))
  }
}

interface YamlFault {
  readonly path: YamlPath
  readonly message: string
}

/** The first fault that the schema finds, the deepest of them. */
async function faultIn(
  value: unknown,
  { schema, what, notMeans }: YamlFormat,
): Promise<YamlFault | undefined> {
  const { default: exported } = await import('ajv')
  const validate = new exported.Ajv({ allErrors: true, allowUnionTypes: true }).compile(schema)
  if (validate(value)) return undefined
  const [first] = (validate.errors ?? []).toSorted(
    // A key that is misspelt explains one that is missing.
    (one, other) =>
      Number(other.keyword === 'additionalProperties') - Number(one.keyword === 'additionalProperties')
      || other.instancePath.length - one.instancePath.length,
  )
  if (first === undefined) return undefined
  const path = pathOf(first.instancePath)
  const extra: unknown = first.params['additionalProperty']
  const where = path.length === 0 ? what : path.join('.')
  const why = first.keyword === 'not' ? notMeans : whyOf(first)
  return {
    path: typeof extra === 'string' ? [...path, extra] : path,
    message:
      typeof extra === 'string'
        ? `${where} has an unknown key ${extra}`
        : `${where} ${why ?? 'is not valid'}`,
  }
}

/** Of a value that must be one of several, which they are. */
const whyOf = ({
  message,
  params,
}: {
  readonly message?: string
  readonly params: object
}): string | undefined => {
  const allowed: unknown = Reflect.get(params, 'allowedValues')
  return Array.isArray(allowed) ? `must be one of ${allowed.join(', ')}` : message
}

/** A JSON pointer (RFC 6901) as the keys that it has. */
const pathOf = (pointer: string): YamlPath =>
  pointer
    .split('/')
    .slice(1)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map(part => (/^\d+$/.test(part) ? Number(part) : part))
