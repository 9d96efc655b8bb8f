import { readText } from '../../../shared/files/read-text.ts'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { parseDuration } from '../../../shared/objects/text/parse-duration.ts'
import type { RolloutPlan } from '../../../shared/rollout/rollout-plan.ts'
import type { PrometheusFlags } from '../../flags/prometheus-flags.ts'
import { rolloutPlanOf, type CohortFields, type PlanFields } from '../../words/rollout/run-plan.ts'
import { readPlanFile } from './plan-file.ts'

/** What was typed after `run`. */
export interface RunFlags extends PrometheusFlags {
  readonly step?: string
  readonly max?: string
  readonly steps?: string
  readonly mirror?: string
  readonly atOnce?: boolean
  readonly interval?: string
  readonly iterations?: string
  readonly promote?: string
  readonly plan?: string
  readonly fromCanary?: string
  readonly cohort?: string
  readonly header?: readonly string[]
  readonly cookie?: readonly string[]
  readonly query?: readonly string[]
  readonly claim?: readonly string[]
  readonly sourceLabel?: readonly string[]
  readonly metric?: readonly string[]
  readonly threshold?: string
  readonly failures?: string
  readonly minRequests?: string
  readonly confidence?: string
  readonly onNoData?: string
  readonly dataDeadline?: string
  readonly scrapeInterval?: string
  readonly timeout?: string
  readonly gate?: readonly string[]
  readonly confirm?: boolean
  readonly hook?: readonly string[]
  readonly hookTemplate?: string
  readonly report?: string
  readonly resume?: boolean
  readonly continue?: string
  readonly asJob?: boolean
  readonly image?: string
  readonly simulate?: string
  readonly service?: string
  readonly stable?: string
  readonly force?: boolean
}

/** The plan of the file and the flags. Throws `usage` or `unreadable` for what does not fit. */
export async function planOf(flags: RunFlags): Promise<RolloutPlan> {
  const typed = await typedFields(flags)
  if (flags.plan === undefined) return rolloutPlanOf(typed)
  const { fields: written, refuse } = await readPlanFile(flags.plan)
  // A fault of the file alone is told with its line, for the flags may be right.
  await rolloutPlanOf(written).catch((error: unknown) => {
    throw error instanceof CanaryError ? refuse([faultyKey(error, written)], error.message) : error
  })
  return rolloutPlanOf({ ...withoutTyped(written, typed), ...typed })
}

/** The key of a plan that a message is about, by the flag that it names. */
function faultyKey({ message }: CanaryError, written: object): string {
  const [, flag = ''] = /--([a-z-]+)/.exec(message) ?? []
  if (flag === '' && /\bcohort\b/.test(message) && Object.hasOwn(written, 'cohort')) return 'cohort'
  const key = flag.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  const known = { metric: 'metrics', gate: 'gates', hook: 'hooks' }[key] ?? key
  return Object.hasOwn(written, known) ? known : 'metrics'
}

/** Steps that are typed replace all that the file says of steps. */
function withoutTyped(written: PlanFields, typed: PlanFields): PlanFields {
  if (
    typed.step === undefined
    && typed.max === undefined
    && typed.steps === undefined
    && typed.atOnce !== true
  )
    return written
  const { step: _step, max: _max, steps: _steps, atOnce: _atOnce, ...rest } = written
  return rest
}

async function typedFields(flags: RunFlags): Promise<PlanFields> {
  const { mirror, atOnce, interval, dataDeadline, timeout, metric, gate } = flags
  const cohort = cohortFields(flags)
  const hooks = await hooksOf(flags)
  const fields = {
    step: wholeNumber('step', flags.step),
    max: wholeNumber('max', flags.max),
    steps: flags.steps?.split(',').map(text => wholeNumber('steps', text.trim())!),
    iterations: wholeNumber('iterations', flags.iterations, 1),
    threshold: wholeNumber('threshold', flags.threshold, 1),
    minRequests: wholeNumber('min-requests', flags.minRequests, 1),
    confidence: confidenceOf(flags.confidence),
    failures: choice('failures', flags.failures, ['total', 'consecutive']),
    promote: choice('promote', flags.promote, ['auto', 'confirm']),
    onNoData: choice('on-no-data', flags.onNoData, ['wait', 'fail']),
    mirror,
    atOnce,
    interval,
    dataDeadline,
    timeout,
    metrics: metric,
    gates: gate,
    cohort,
    hooks,
  }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function cohortFields({
  cohort,
  header,
  cookie,
  query,
  claim,
  sourceLabel,
}: RunFlags): CohortFields | undefined {
  const words = { header, cookie, query, claim, sourceLabel }
  const isTyped = cohort !== undefined || Object.values(words).some(word => word !== undefined)
  return isTyped ? { ...(cohort !== undefined && { name: cohort }), ...words } : undefined
}

async function hooksOf({ hook, hookTemplate }: RunFlags): Promise<PlanFields['hooks']> {
  if (hookTemplate === undefined) return hook
  if (hook === undefined)
    throw usage('--hook-template needs --hook URL', 'Name where the posts go, or leave it out.')
  const template = await readText(hookTemplate).catch((error: unknown) => {
    throw new CanaryError('unreadable', `${hookTemplate} cannot be read`, {
      hints: ['Name a file with the body of the posts.'],
      cause: error,
    })
  })
  return hook.map(url => ({ url, template }))
}

/** A whole number that was typed; throws `usage` for another text. */
function wholeNumber(flag: string, text: string | undefined, least = 0): number | undefined {
  if (text === undefined) return undefined
  const number = Number(/^(\d{1,9})%?$/.exec(text)?.[1] ?? Number.NaN)
  if (number >= least) return number
  throw usage(
    `--${flag} ${text === '' ? '""' : text} is not a whole number${least > 0 ? ` above ${least - 1}` : ''}`,
    `Example: --${flag} 10`,
  )
}

function confidenceOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const number = /^(0?\.\d+)$/.test(text) ? Number(text) : Number.NaN
  if (number >= 0.5 && number <= 0.9999) return number
  throw usage(`--confidence ${text} is not a number from 0.5 to 0.9999`, 'Example: --confidence 0.99')
}

function choice<C extends string>(
  flag: string,
  text: string | undefined,
  allowed: readonly C[],
): C | undefined {
  if (text === undefined) return undefined
  const found = allowed.find(one => one === text)
  if (found !== undefined) return found
  throw usage(`--${flag} ${text} is neither ${allowed.join(' nor ')}`, `Example: --${flag} ${allowed[0]}`)
}

/** A key of the flags as it is typed: `atOnce` is `at-once`. */
export const kebab = (key: string): string => key.replaceAll(/[A-Z]/g, found => `-${found.toLowerCase()}`)

/** Seconds between two scrapes, where they were typed. */
export function scrapeIntervalOf({ scrapeInterval: text }: RunFlags): number | undefined {
  if (text === undefined) return undefined
  const seconds = (parseDuration(text) ?? Number.NaN) / 1000
  if (seconds >= 1 && seconds <= 600) return seconds
  throw usage(`--scrape-interval ${text} is not a duration from 1s to 10m`, 'Example: --scrape-interval 30s')
}

const usage = (message: string, hint: string): CanaryError =>
  new CanaryError('usage', message, { hints: [hint] })
