import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { mismatchOf, parseExpectation, type Expectation } from '../../../shared/trial/expectation.ts'
import { simulate } from '../../../shared/trial/simulate.ts'
import { tryRequest, type Trial } from '../../../shared/trial/trial.ts'
import { paintOf } from '../../print/colour.ts'
import { formatData, type DataFormat } from '../../print/data.ts'
import { trialDataOf } from '../../print/trial/data.ts'
import { formatRequest, formatSimulation, formatTrial, formatTrialDiff } from '../../print/trial/trial.ts'
import type { Session } from '../../session.ts'
import { wantsColour } from '../../streams.ts'
import { parseRequest } from '../../words/request.ts'
import { dataOutputOf } from '../output.ts'
import type { TryFlags } from './try-flags.ts'
import { worldsOf } from './worlds.ts'
import { countOf, seedOf, type SimulationWords } from './count.ts'

const usage = (message: string, hint: string): CanaryError =>
  new CanaryError('usage', message, { hints: [hint] })

/** Tries the request of the words. */
export async function runTry(session: Session, url: string | undefined, flags: TryFlags): Promise<void> {
  const simulation = simulationOf(session, flags)
  if (url === undefined)
    throw usage('no URL is given', 'For example: kubectl canary try http://catalog/items')
  const format = await formatOf(session)
  const expectation = expectationIn(flags.expect)
  const asked = parseRequest({ url, method: flags.request, ...flags })
  const { before, after } = await worldsOf(session, [asked], flags)
  session.noteOnce(after.reading.notes)
  const trials = tryRequest(after, asked)
  const earlier = flags.diff === true ? tryRequest(before, asked) : undefined
  if (format !== undefined) session.say(await formatTrialData({ trials, earlier, simulation }, format))
  else session.say(formatText(session, { trials, earlier, simulation }))
  if (expectation !== undefined) requireExpected(session, trials, expectation)
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
}

function simulationOf(session: Session, flags: TryFlags): SimulationWords | undefined {
  const count = countOf(session, flags.count)
  const seed = seedOf(flags.seed)
  if (count === undefined && flags.seed !== undefined)
    throw usage('--seed can only be used with --count', 'Leave it out, or add --count 1000.')
  return count === undefined ? undefined : { count, seed }
}

function expectationIn(text: string | undefined): Expectation | undefined {
  if (text === undefined) return undefined
  const expectation = parseExpectation(text)
  if (expectation !== undefined) return expectation
  throw usage(
    `--expect ${text} is no version, and no parts that add up to 100`,
    'Write it like --expect v2, --expect v1=90,v2=10, or --expect 404.',
  )
}

function formatText(session: Session, { trials, earlier, simulation }: TriedRequest): string {
  const { stdout, env } = session.streams
  const paint = paintOf(wantsColour(stdout, env))
  return trials
    .map((trial, i) => {
      const was = earlier?.[i]
      const text = was === undefined ? formatTrial(trial, paint) : formatTrialDiff(was, trial, paint)
      if (simulation === undefined || trial.shares.length === 0) return text
      return `${text}\n\n${formatSimulation(simulate(trial.shares, simulation), simulation)}`
    })
    .join('\n\n')
}

function formatTrialData({ trials, earlier, simulation }: TriedRequest, format: DataFormat): Promise<string> {
  const rows = trials.map((trial, i) => ({
    ...trialDataOf(trial),
    ...(earlier?.[i] !== undefined && { before: trialDataOf(earlier[i]) }),
    ...(simulation !== undefined && {
      simulation: { ...simulation, shares: simulate(trial.shares, simulation) },
    }),
  }))
  return formatData({ trials: rows }, rows, format)
}

/** Exits 3 where a request does not go where it should. */
function requireExpected(session: Session, trials: readonly Trial[], expectation: Expectation): void {
  const failed = trials.flatMap(trial => {
    const mismatch = mismatchOf(trial, expectation)
    return mismatch === undefined ? [] : [{ trial, ...mismatch }]
  })
  for (const { trial, expected, actual } of failed)
    session.note(`expected ${expected}, got ${actual}: ${formatRequest(trial)}`)
  if (failed.length > 0) session.exitCode = 3
}
