import { readFile } from 'node:fs/promises'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { AskedRequest } from '../../../shared/trial/asked-request.ts'
import { expectationOf, parseExpectation, type Expectation } from '../../../shared/trial/expectation.ts'
import { parseRequest } from '../../words/request.ts'
import schema from '../../../docs/try-table.schema.json' with { type: 'json' }

/** One test of a table. */
export interface RoutingTest {
  readonly name: string
  readonly asked: AskedRequest
  readonly expectation: Expectation
}

/** The tests of a table, and the edits that come before them. */
export interface RoutingTable {
  readonly with: readonly string[]
  readonly tests: readonly RoutingTest[]
}

type TableValue = string | number | boolean

/** A test as it is written, after the schema has been checked. */
interface WrittenRoutingTest {
  readonly name?: string
  readonly url: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, TableValue>>
  readonly claims?: Readonly<Record<string, TableValue | readonly TableValue[]>>
  readonly from?: string
  readonly via?: string
  readonly expect: string | number | Readonly<Record<string, number>>
}

interface WrittenRoutingTable {
  readonly with?: readonly string[]
  readonly tests: readonly WrittenRoutingTest[]
}

/** Reads a table of a file. Throws `unreadable` with the line, for what its schema does not take. */
export async function readTable(file: string): Promise<RoutingTable> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new CanaryError('unreadable', `${file} cannot be read: ${reasonOf(error)}`, {
      hints: ['Name a file in YAML or JSON.'],
      cause: error,
    })
  })
  return parseTable(file, text)
}

const reasonOf = (error: unknown): string => {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  return code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'it is a folder' : String(code ?? error)
}

/** The table in a text. */
export async function parseTable(file: string, text: string): Promise<RoutingTable> {
  const { LineCounter, parseDocument } = await import('yaml')
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const lineAt = (path: readonly (string | number)[]): number => {
    for (let end = path.length; end > 0; end--) {
      const node: unknown = document.getIn(path.slice(0, end), true)
      const range: unknown =
        typeof node === 'object' && node !== null ? Reflect.get(node, 'range') : undefined
      if (Array.isArray(range)) return lines.linePos(Number(range[0])).line
    }
    return 1
  }
  const refuse = (line: number, message: string): CanaryError =>
    new CanaryError('unreadable', `${file}:${line}: ${message}`, {
      hints: ['The format: docs/try-table.schema.json.'],
    })
  const [broken] = document.errors
  if (broken !== undefined) throw refuse(lines.linePos(broken.pos[0]).line, broken.message)
  const table: unknown = document.toJS()
  const fault = await faultIn(table)
  if (fault !== undefined) throw refuse(lineAt(fault.path), fault.message)
  const { tests, with: edits = [] } = table as WrittenRoutingTable
  return {
    with: edits,
    tests: tests.map((test, i) => {
      try {
        return testOf(test)
      } catch (error) {
        if (!(error instanceof CanaryError)) throw error
        throw refuse(lineAt(['tests', i]), error.message)
      }
    }),
  }
}

interface TableFault {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** The first fault that the schema finds, the deepest of them. */
async function faultIn(table: unknown): Promise<TableFault | undefined> {
  const { Ajv } = await import('ajv')
  const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(schema)
  if (validate(table)) return undefined
  const [first] = (validate.errors ?? []).toSorted(
    // A key that is misspelt explains one that is missing.
    (one, other) =>
      Number(other.keyword === 'additionalProperties') - Number(one.keyword === 'additionalProperties')
      || other.instancePath.length - one.instancePath.length,
  )
  if (first === undefined) return undefined
  const path = pathOf(first.instancePath)
  const extra: unknown = first.params['additionalProperty']
  const what = path.length === 0 ? 'the table' : path.join('.')
  const why = first.keyword === 'not' ? 'has both from and via' : (first.message ?? 'is not valid')
  return {
    path: typeof extra === 'string' ? [...path, extra] : path,
    message: typeof extra === 'string' ? `${what} has an unknown key ${extra}` : `${what} ${why}`,
  }
}

/** A JSON pointer (RFC 6901) as the keys that it has. */
const pathOf = (pointer: string): readonly (string | number)[] =>
  pointer
    .split('/')
    .slice(1)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map(part => (/^\d+$/.test(part) ? Number(part) : part))

function testOf({ name, url, method, headers, claims, from, via, expect }: WrittenRoutingTest): RoutingTest {
  const asked = parseRequest({
    url,
    method,
    header: Object.entries(headers ?? {}).map(([key, value]) => `${key}: ${value}`),
    claim: Object.entries(claims ?? {}).flatMap(([key, value]) => [value].flat().map(one => `${key}=${one}`)),
    from,
    via,
  })
  const expectation =
    typeof expect === 'object' ? expectationOf(Object.entries(expect)) : parseExpectation(String(expect))
  if (expectation === undefined)
    throw new CanaryError(
      'usage',
      `expect ${JSON.stringify(expect)} is no version, and no parts that add up to 100`,
    )
  return { name: name ?? `${asked.method} ${url}`, asked, expectation }
}
