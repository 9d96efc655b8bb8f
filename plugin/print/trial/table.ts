import type { Paint } from '../colour.ts'
import { attribute, escape } from '../report/xml.ts'
import { plainCell } from '../table.ts'

/** How one test of a table ended. */
export interface TestResult {
  readonly name: string
  /** The request and its caller. */
  readonly request: string
  /** What is otherwise than expected; left out where nothing is. */
  readonly failure?: string
}

const failed = ({ failure }: TestResult): boolean => failure !== undefined

/** A line for each test, and the request of those that fail. */
export function formatTableText(results: readonly TestResult[], { green, red, dim }: Paint): string {
  const failures = results.filter(failed).length
  const lines = results.flatMap(({ name, request, failure }) =>
    failure === undefined
      ? [`${green('pass')}  ${name}`]
      : [`${red('FAIL')}  ${name}: ${failure}`, `      ${dim(request)}`],
  )
  const count = `${results.length} ${results.length === 1 ? 'test' : 'tests'}`
  return [...lines.map(plainCell), `${count}, ${failures === 0 ? 'all passed' : `${failures} failed`}`].join(
    '\n',
  )
}

/** The same as data. */
export const tableDataOf = (results: readonly TestResult[]) => ({
  tests: results.map(({ name, request, failure }) => ({
    name,
    request,
    passed: failure === undefined,
    ...(failure !== undefined && { failure }),
  })),
  failed: results.filter(failed).length,
})

/** JUnit XML, which CI servers show as tests. */
export function formatTableJunit(results: readonly TestResult[], file: string): string {
  const counts = `tests="${results.length}" failures="${results.filter(failed).length}" errors="0"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="kubectl canary try" ${counts} skipped="0">`,
    ...results.map(({ name, request, failure }) => {
      const open = `    <testcase classname="${attribute(file)}" name="${attribute(name)}" file="${attribute(file)}"`
      return failure === undefined
        ? `${open}/>`
        : `${open}>\n      <failure message="${attribute(failure)}">${escape(request)}</failure>\n    </testcase>`
    }),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}
