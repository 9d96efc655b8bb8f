import { withoutMeshNote } from '../../read/without-mesh.ts'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { escaped } from '../../../shared/objects/text/escaped.ts'
import { mismatchOf, type Expectation } from '../../../shared/trial/expectation.ts'
import { simulate } from '../../../shared/trial/simulate.ts'
import { tryAgain, tryRequest, type Trial } from '../../../shared/trial/trial.ts'
import { paintOf } from '../../print/colour.ts'
import { formatData, type DataFormat } from '../../print/data.ts'
import { trialDataOf } from '../../print/trial/data.ts'
import { comparisonDataOf, formatComparison } from '../../print/trial/live.ts'
import { formatMismatch, formatTrialDiff } from '../../print/trial/outcome.ts'
import { formatRequest, formatSimulation, formatTrial } from '../../print/trial/trial.ts'
import type { Session } from '../../session.ts'
import { wantsColour } from '../../streams.ts'
import { parseRequest } from '../../words/request.ts'
import { dataOutputOf } from '../output.ts'
import { rejectionMarks } from './rejections.ts'
import type { TryFlags } from './try-flags.ts'
import type { ReadWorld } from './world.ts'
import { worldsOf } from './worlds.ts'
import type { SimulationWords } from './count.ts'
import { expectationIn, sendingOf, simulationOf } from './try-words.ts'
import type { LiveComparison } from './compare-live.ts'
import type { Sending } from './send.ts'

const usage = (message: string, hint: string): CanaryError =>
  new CanaryError('usage', message, { hints: [hint] })

/** Tries the request of the words. */
export async function runTry(session: Session, url: string | undefined, flags: TryFlags): Promise<void> {
  const sending = sendingOf(session, flags)
  const simulation = sending === undefined ? simulationOf(session, flags) : undefined
  if (url === undefined)
    throw usage('no URL is given', 'For example: kubectl canary try http://catalog/items')
  const format = await formatOf(session)
  const expectation = expectationIn(flags.expect)
  const asked = parseRequest({ url, method: flags.request, ...flags })
  const { before, after } = await worldsOf(session, [asked], flags)
  session.noteOnce(withoutMeshNote(after.reading).notes)
  const mark = await rejectionMarks(after, before)
  const trials = mark(tryRequest(after, asked))
  const earlier = flags.diff === true ? await earlierOf(before, trials) : undefined
  const comparison = await comparisonsOf(session, trials, sending)
  const tried = { trials, earlier, simulation, comparison }
  if (format !== undefined) session.say(await formatTrialData(tried, format))
  else session.say(formatText(session, tried))
  if (expectation !== undefined) requireExpected(session, trials, expectation)
}

/** The same requests before the change. */
const earlierOf = async (before: ReadWorld, trials: readonly Trial[]): Promise<readonly Trial[]> =>
  (await rejectionMarks(before, before))(trials.map(trial => tryAgain(before, trial)))

/** Real answers beside the decision. The exit code is 3 where they differ from it, and 1 where there are none. */
async function comparisonsOf(
  session: Session,
  trials: readonly Trial[],
  sending: Sending | undefined,
): Promise<LiveComparison | undefined> {
  if (sending === undefined) return undefined
  const [trial, ...others] = trials
  if (others.length > 0)
    throw usage(
      'several gateways answer for this host, each in its own way',
      `Name one: --via ${trials.map(({ caller }) => caller.gateway).join(' or --via ')}.`,
    )
  const { compareLive } = await import('./compare-live.ts')
  const comparison = await compareLive(session, trial!, sending)
  if (comparison.verdict === 'differs') session.exitCode = 3
  else if (comparison.parts.every(({ count }) => count === 0)) session.exitCode = 1
  return comparison
}

/** The format of `-o`; that of test reports is for tables. */
async function formatOf({ flags: { output } }: Session): Promise<DataFormat | undefined> {
  if (output === 'junit')
    throw usage('-o junit can only be used with --table', 'Use -o json, or leave it out.')
  return dataOutputOf(output, ['json', 'yaml'])
}

interface TriedRequest {
  readonly trials: readonly Trial[]
  /** The same before the change, where that is asked for. */
  readonly earlier: readonly Trial[] | undefined
  readonly simulation: SimulationWords | undefined
  /** Real answers to the only one, where they are asked for. */
  readonly comparison: LiveComparison | undefined
}

function formatText(session: Session, { trials, earlier, simulation, comparison }: TriedRequest): string {
  const { stdout, env } = session.streams
  const paint = paintOf(wantsColour(stdout, env))
  return trials
    .map((trial, i) => {
      const was = earlier?.[i]
      const text = was === undefined ? formatTrial(trial, paint) : formatTrialDiff(was, trial, paint)
      if (comparison !== undefined) return `${text}\n\n${formatComparison(comparison, paint)}`
      if (simulation === undefined || trial.shares.length === 0) return text
      return `${text}\n\n${formatSimulation(simulate(trial.shares, simulation), simulation)}`
    })
    .join('\n\n')
}

function formatTrialData(
  { trials, earlier, simulation, comparison }: TriedRequest,
  format: DataFormat,
): Promise<string> {
  const rows = trials.map((trial, i) => ({
    ...trialDataOf(trial),
    ...(earlier?.[i] !== undefined && { before: trialDataOf(earlier[i]) }),
    ...(simulation !== undefined && {
      simulation: { ...simulation, shares: simulate(trial.shares, simulation) },
    }),
    ...(comparison !== undefined && { live: comparisonDataOf(comparison) }),
  }))
  return formatData({ trials: rows }, rows, format)
}

/** Exits 3 where a request does not go where it should. */
function requireExpected(session: Session, trials: readonly Trial[], expectation: Expectation): void {
  const failed = trials.flatMap(trial => {
    const mismatch = mismatchOf(trial, expectation)
    return mismatch === undefined ? [] : [{ trial, mismatch }]
  })
  for (const { trial, mismatch } of failed)
    session.note(escaped(`${formatMismatch(trial, mismatch)}: ${formatRequest(trial)}`))
  if (failed.length > 0) session.exitCode = 3
}
