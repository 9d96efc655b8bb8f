import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { mismatchOf } from '../../../shared/trial/expectation.ts'
import { tryRequest } from '../../../shared/trial/trial.ts'
import { paintOf } from '../../print/colour.ts'
import { formatData } from '../../print/data.ts'
import { formatRequest } from '../../print/trial/trial.ts'
import { formatTableJunit, formatTableText, tableDataOf, type TestResult } from '../../print/trial/table.ts'
import type { Session } from '../../session.ts'
import { wantsColour } from '../../streams.ts'
import { dataOutputOf } from '../output.ts'
import { readTable, type RoutingTest } from './read-table.ts'
import type { TryFlags } from './try-flags.ts'
import { worldsOf } from './worlds.ts'
import type { ReadWorld } from './world.ts'

/** Runs the tests of a table; one that fails makes the exit code 3. */
export async function runTable(
  session: Session,
  { file, url }: { readonly file: string; readonly url: string | undefined },
  flags: TryFlags,
): Promise<void> {
  checkAlone(url, flags)
  const format = await dataOutputOf(session.flags.output, ['json', 'yaml', 'junit'])
  const table = await readTable(file)
  const edits = [...table.with, ...(flags.with ?? [])]
  const { after } = await worldsOf(
    session,
    table.tests.map(({ asked }) => asked),
    { ...flags, ...(edits.length > 0 && { with: edits }) },
  )
  session.noteOnce(after.reading.notes)
  const results = table.tests.map(test => resultOf(after, test))
  const data = tableDataOf(results)
  if (format === 'junit') session.say(formatTableJunit(results, file))
  else if (format !== undefined) session.say(await formatData(data, data.tests, format))
  else
    session.say(formatTableText(results, paintOf(wantsColour(session.streams.stdout, session.streams.env))))
  if (results.some(({ failure }) => failure !== undefined)) session.exitCode = 3
}

/** What says something of one request cannot be used beside a table of them. */
function checkAlone(url: string | undefined, flags: TryFlags): void {
  if (url !== undefined)
    throw new CanaryError('usage', 'a URL cannot be used with --table', {
      hints: ['Write the request into the table, or leave --table out.'],
    })
  const typed = (['header', 'request', 'claim', 'from', 'via', 'count', 'expect', 'diff'] as const).find(
    name => flags[name] !== undefined,
  )
  if (typed === undefined) return
  throw new CanaryError('usage', `--${typed} cannot be used with --table`, {
    hints: ['Write it into the table, or leave it out.'],
  })
}

function resultOf(world: ReadWorld, { name, asked, expectation }: RoutingTest): TestResult {
  try {
    const trials = tryRequest(world, asked)
    const failed = trials.find(trial => mismatchOf(trial, expectation) !== undefined)
    if (failed === undefined) return { name, request: formatRequest(trials[0]!) }
    const { expected, actual } = mismatchOf(failed, expectation)!
    return { name, request: formatRequest(failed), failure: `expected ${expected}, got ${actual}` }
  } catch (error) {
    if (!(error instanceof CanaryError)) throw error
    return { name, request: `${asked.method} ${asked.host}${asked.path}`, failure: error.message }
  }
}
