import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { AskedRequest } from '../../../shared/trial/asked-request.ts'
import { expectationOf, parseExpectation, type Expectation } from '../../../shared/trial/expectation.ts'
import { checkedYaml, readYamlFile } from '../../read/checked-yaml.ts'
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
export const readTable = async (file: string): Promise<RoutingTable> =>
  parseTable(file, await readYamlFile(file))

/** The table in a text. */
export async function parseTable(file: string, text: string): Promise<RoutingTable> {
  const { value, refuse } = await checkedYaml<WrittenRoutingTable>(file, text, {
    schema,
    what: 'the table',
    documented: 'docs/try-table.schema.json',
    notMeans: 'has both from and via',
  })
  const { tests, with: edits = [] } = value
  return {
    with: edits,
    tests: tests.map((test, i) => {
      try {
        return testOf(test)
      } catch (error) {
        if (!(error instanceof CanaryError)) throw error
        throw refuse(['tests', i], error.message)
      }
    }),
  }
}

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
      `expect ${JSON.stringify(expect)} is neither a version nor shares that add up to 100`,
    )
  return { name: name ?? `${asked.method} ${url}`, asked, expectation }
}
