import { defaultMetrics, parseMetric } from '../../../shared/analysis/parse-metric.ts'
import type { AnalysisMetric } from '../../../shared/analysis/metric.ts'
import { metricOf, type MetricFields } from '../../../shared/analysis/metric-fields.ts'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { faultOfUrl } from '../../../shared/objects/text/kept-url.ts'
import { parseDuration } from '../../../shared/objects/text/parse-duration.ts'
import {
  stagesOf,
  type RolloutCohort,
  type RolloutHook,
  type RolloutPlan,
} from '../../../shared/rollout/rollout-plan.ts'
import { hasRegex, parseConditions, type ConditionWords } from '../conditions.ts'
import { checkCohortName } from '../names.ts'
import { checkRegexWith } from '../regex.ts'

/** How a version is delivered, as a plan file or the flags have it: docs/run-plan.schema.json. */
export interface PlanFields {
  readonly step?: number
  readonly max?: number
  readonly steps?: readonly number[]
  readonly atOnce?: boolean
  /** Percent: `25`, `25%`. */
  readonly mirror?: number | string
  readonly cohort?: CohortFields
  readonly iterations?: number
  /** Durations: `45s`. */
  readonly interval?: string
  readonly threshold?: number
  readonly failures?: RolloutPlan['failures']
  readonly promote?: RolloutPlan['promote']
  readonly metrics?: readonly (string | MetricFields)[]
  readonly minRequests?: number
  readonly confidence?: number
  readonly onNoData?: RolloutPlan['onNoData']
  readonly dataDeadline?: string
  readonly timeout?: string
  readonly gates?: readonly string[]
  readonly hooks?: readonly (string | RolloutHook)[]
}

/** The requests by which a version is judged; none of the conditions means the header `x-istio-cohort: NAME`. */
export interface CohortFields extends Omit<ConditionWords, 'bucket' | 'by' | 'digits'> {
  readonly name?: string
}

/** A day without a step is a run that somebody forgot. */
const [shortestInterval, longestInterval] = [1, 86_400]
const usualDeadline = 900

/** How often a version is judged whose share does not grow, where it is not said. */
const usualIterations = 10

/** The plan that fields describe; throws `usage` for fields that do not fit together. */
export async function rolloutPlanOf(fields: PlanFields): Promise<RolloutPlan> {
  checkShares(fields)
  const { failures = 'total', promote = 'auto', threshold = 5, gates = [], hooks = [] } = fields
  return {
    ...(await pathOf(fields)),
    interval: secondsOf('interval', fields.interval ?? '1m', [shortestInterval, longestInterval]),
    threshold,
    failures,
    promote,
    ...analysisOf(fields),
    gates: gates.map(url => webAddress('gate', url)),
    hooks: hooks.map(hookOf),
  }
}

/** The stages, by whom the version is judged, and how often at each. */
async function pathOf(fields: PlanFields): Promise<Pick<RolloutPlan, 'stages' | 'cohort' | 'checks'>> {
  const { step, max, steps, atOnce = false } = fields
  const mirror = mirrorOf(fields.mirror)
  const cohort = await cohortOf(fields)
  const hasSteps = [step, max, steps].some(said => said !== undefined)
  const isFlat = atOnce || (cohort !== undefined && !hasSteps)
  return {
    stages: stagesOf({
      steps,
      step,
      max,
      mirror,
      ofCohort: cohort !== undefined,
      atOnce: isFlat,
    }),
    ...(cohort !== undefined && { cohort }),
    checks: fields.iterations ?? (isFlat ? usualIterations : 1),
  }
}

const analysisOf = ({
  metrics,
  minRequests = 50,
  confidence = 0.95,
  onNoData = 'wait',
  ...fields
}: PlanFields) => ({
  metrics: metrics === undefined ? defaultMetrics : metricsOf(metrics),
  minRequests,
  confidence,
  onNoData,
  noDataDeadline:
    fields.dataDeadline === undefined
      ? usualDeadline
      : secondsOf('data-deadline', fields.dataDeadline, [1, 604_800]),
  ...(fields.timeout !== undefined && { timeout: secondsOf('timeout', fields.timeout, [1, 2_592_000]) }),
})

/** The metrics of a plan; two that nothing distinguishes would be judged as one. */
function metricsOf(said: NonNullable<PlanFields['metrics']>): readonly AnalysisMetric[] {
  const metrics = said.map(metric => (typeof metric === 'string' ? parseMetric(metric) : metricOf(metric)))
  if (metrics.length === 0)
    throw usage('the plan has no metric', 'Name one: --metric request-success-rate:min=99:1m')
  const names = metrics.map(({ name, source }) =>
    source.kind === 'duration' ? `${name} of quantile ${source.quantile}` : name,
  )
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice === undefined) return metrics
  throw usage(`--metric ${twice} is given twice`, 'Give each metric once, with both its min and its max.')
}

function checkShares(fields: PlanFields): void {
  checkTogether(fields)
  const { step, max = 50, steps = [] } = fields
  for (const [name, percents] of Object.entries({ step, max: fields.max, steps })) {
    const wrong = [percents ?? []].flat().find(percent => !isPercent(percent))
    if (wrong !== undefined)
      throw usage(`--${name} ${wrong} is not a whole percentage from 1 to 100`, 'Example: --step 10 --max 50')
  }
  const unsorted = steps.findIndex((percent, i) => i > 0 && percent <= steps[i - 1]!)
  if (unsorted > 0)
    throw usage(
      `--steps ${steps.join(',')} does not grow: ${steps[unsorted]} comes after ${steps[unsorted - 1]}`,
      'Example: --steps 1,5,10,25,50',
    )
  if (step !== undefined && step > max)
    throw usage(`--step ${step} is more than --max ${max}`, 'Example: --step 10 --max 50')
}

const isPercent = (percent: number): boolean => Number.isInteger(percent) && percent >= 1 && percent <= 100

function checkTogether({ step, max, steps, atOnce = false }: PlanFields): void {
  const grows = step !== undefined || max !== undefined
  if (steps !== undefined && grows)
    throw usage(
      '--steps cannot be used with --step and --max',
      'Write all percentages into --steps, or leave it out.',
    )
  if (atOnce && (steps !== undefined || grows))
    throw usage('--at-once cannot be used with steps', 'Leave --at-once out, or --step, --max and --steps.')
}

function mirrorOf(said: number | string | undefined): number | undefined {
  if (said === undefined) return undefined
  const percent =
    typeof said === 'number' ? said : Number(/^(\d+(?:\.\d+)?)%?$/.exec(said)?.[1] ?? Number.NaN)
  if (percent > 0 && percent <= 100) return percent
  throw usage(`--mirror ${said} is not a percentage above 0, up to 100`, 'Example: --mirror 25%')
}

/** The cohort that is judged; that of a preview where a version gets everything at once. */
async function cohortOf({ cohort, atOnce = false, mirror }: PlanFields): Promise<RolloutCohort | undefined> {
  if (cohort === undefined)
    return atOnce && mirror === undefined ? { name: 'preview', conditions: [] } : undefined
  const { name = atOnce ? 'preview' : 'canary', ...words } = cohort
  return {
    name: checkCohortName(name),
    conditions: parseConditions(words, hasRegex(words) ? await checkRegexWith() : () => undefined),
  }
}

const hookOf = (hook: string | RolloutHook): RolloutHook =>
  typeof hook === 'string'
    ? { url: webAddress('hook', hook) }
    : { ...hook, url: webAddress('hook', hook.url) }

/** A URL of http or https, without a password: it is kept in the cluster. */
function webAddress(flag: string, text: string): string {
  const fault = faultOfUrl(text)
  if (fault === undefined) return text
  // What may be a password is not repeated.
  throw fault === 'no-url'
    ? usage(
        `--${flag} is not a URL that starts with http:// or https://`,
        `Example: --${flag} https://ci.example.com/canary`,
      )
    : usage(
        `--${flag} has a password in its URL, which would be kept in the cluster`,
        `Name an environment variable of the run: --${flag} 'https://USER:\${PASSWORD}@ci.example.com/canary'`,
      )
}

function secondsOf(name: string, text: string, [least, most]: readonly [number, number]): number {
  const seconds = (parseDuration(text, { d: 86_400_000 }) ?? Number.NaN) / 1000
  if (seconds >= least && seconds <= most) return seconds
  throw usage(
    `--${name} ${text === '' ? '""' : text} is not a duration from ${least} s to ${most} s`,
    `Examples: --${name} 45s, 1m, 1h`,
  )
}

const usage = (message: string, hint: string): CanaryError =>
  new CanaryError('usage', message, { hints: [hint] })
