import { withoutMeshNote } from '../../read/without-mesh.ts'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { mismatchOf } from '../../../shared/trial/expectation.ts'
import { tryRequest } from '../../../shared/trial/trial.ts'
import { paintOf } from '../../print/colour.ts'
import { formatData } from '../../print/data.ts'
import { formatMismatch } from '../../print/trial/outcome.ts'
import { formatRequest } from '../../print/trial/trial.ts'
import { formatTableJunit, formatTableText, tableDataOf, type TestResult } from '../../print/trial/table.ts'
import type { Session } from '../../session.ts'
import { wantsColour } from '../../streams.ts'
import { dataOutputOf } from '../output.ts'
import { countOf } from './count.ts'
import { rejectionMarks, type MarkRejections } from './rejections.ts'
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
  checkAlone(session, url, flags)
  const format = await dataOutputOf(session.flags.output, ['json', 'yaml', 'junit'])
  const table = await readTable(file)
  const edits = [...table.with, ...(flags.with ?? [])]
  const { before, after } = await worldsOf(
    session,
    table.tests.map(({ asked }) => asked),
    { ...flags, ...(edits.length > 0 && { with: edits }) },
  )
  session.noteOnce(withoutMeshNote(after.reading).notes)
  const mark = await rejectionMarks(after, before)
  const results = table.tests.map(test => resultOf({ world: after, mark }, test))
  const data = tableDataOf(results)
  if (format === 'junit') session.say(formatTableJunit(results, file))
  else if (format !== undefined) session.say(await formatData(data, data.tests, format))
  else
    session.say(formatTableText(results, paintOf(wantsColour(session.streams.stdout, session.streams.env))))
  if (results.some(({ failure }) => failure !== undefined)) session.exitCode = 3
}

/** The flags about one request, which a table says itself, and those of simulated and real requests. */
const aboutOne = [
  ...(['header', 'request', 'claim', 'from', 'via', 'expect', 'diff'] as const),
  ...(['count', 'seed', 'live', 'address', 'rate', 'versionHeader', 'versionBody', 'insecure'] as const),
]

/** Throws `usage` where something is said of one request beside a table. */
function checkAlone(session: Session, url: string | undefined, flags: TryFlags): void {
  if (url !== undefined)
    throw new CanaryError('usage', 'a URL cannot be used with --table', {
      hints: ['Write the request into the table, or leave --table out.'],
    })
  const typed =
    aboutOne.find(name => flags[name] !== undefined)
    ?? (countOf(session, undefined) === undefined ? undefined : 'count')
  if (typed === undefined) return
  const flag = typed.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
  throw new CanaryError('usage', `--${flag} cannot be used with --table`, {
    hints: ['A table has its own requests and expectations, and no requests are sent: leave it out.'],
  })
}

interface TriedTable {
  readonly world: ReadWorld
  readonly mark: MarkRejections
}

function resultOf({ world, mark }: TriedTable, { name, asked, expectation }: RoutingTest): TestResult {
  try {
    const trials = mark(tryRequest(world, asked))
    const failed = trials.find(trial => mismatchOf(trial, expectation) !== undefined)
    if (failed === undefined) return { name, request: formatRequest(trials[0]!) }
    const mismatch = mismatchOf(failed, expectation)!
    return { name, request: formatRequest(failed), failure: formatMismatch(failed, mismatch) }
  } catch (error) {
    if (!(error instanceof CanaryError)) throw error
    return { name, request: `${asked.method} ${asked.host}${asked.path}`, failure: error.message }
  }
}
