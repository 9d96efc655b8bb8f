import { CanaryError } from '../../objects/canary-error.ts'
import { refOf } from '../../objects/kinds.ts'
import { keyOf, type KubeObject } from '../../objects/kube-object.ts'
import { fieldsOf, isFields, itemsOf, numberOf, textOf } from '../../objects/unchecked.ts'
import { canaryFields } from './canary.ts'

type Fields = Readonly<Record<string, unknown>>

/** The analysis of a Canary in the words of a run: each as its flag takes it. */
export interface AnalysisWords {
  readonly step?: string
  readonly max?: string
  readonly steps?: string
  readonly mirror?: string
  readonly atOnce?: boolean
  readonly interval: string
  readonly iterations?: string
  readonly threshold: string
  readonly metric?: readonly string[]
  readonly header?: readonly string[]
  readonly query?: readonly string[]
  readonly sourceLabel?: readonly string[]
}

/** The words, and what of the analysis they leave out, a sentence each. */
export interface TakenAnalysis {
  readonly words: AnalysisWords
  readonly left: readonly string[]
}

/**
 * The analysis of a Canary as a run of ours has it (https://docs.flagger.app/usage/how-it-works#canary-analysis): who
 * gets the version, how often it is judged and by what. Throws a CanaryError `refused` for requests that a run cannot
 * distinguish as Flagger does.
 */
export function analysisOf(canary: KubeObject): TakenAnalysis {
  const { analysis } = canaryFields(canary)
  const metrics = itemsOf(analysis['metrics']).map(fieldsOf)
  const known = metrics.flatMap(metric => metricWord(metric) ?? [])
  return {
    words: {
      ...pathWords(analysis),
      interval: textOf(analysis['interval']) ?? '1m',
      // A threshold of 0 counts as 1 (GetAnalysisThreshold).
      threshold: String(Math.max(1, numberOf(analysis['threshold']) ?? 1)),
      ...(known.length > 0 && { metric: known }),
      ...matchWords(canary, itemsOf(analysis['match'])),
    },
    left: leftOf(analysis, metrics),
  }
}

/** Who gets the version: more and more requests, or with `iterations` those of a cohort, or nobody before its end. */
function pathWords(
  analysis: Fields,
): Pick<AnalysisWords, 'step' | 'max' | 'steps' | 'mirror' | 'atOnce' | 'iterations'> {
  const number = (key: string): number | undefined => {
    const found = numberOf(analysis[key])
    return found !== undefined && found > 0 ? found : undefined
  }
  const [step, max, iterations] = [number('stepWeight'), number('maxWeight'), number('iterations')]
  const mirror = analysis['mirror'] === true ? { mirror: String(number('mirrorWeight') ?? 100) } : {}
  if (iterations !== undefined) {
    const isCohort = itemsOf(analysis['match']).length > 0
    return { ...mirror, ...(!isCohort && { atOnce: true }), iterations: String(iterations) }
  }
  const steps = itemsOf(analysis['stepWeights']).filter(item => typeof item === 'number')
  // stepWeight goes before stepWeights (nextStepWeight), and without a maximum the steps go to 100.
  if (step === undefined && steps.length > 0) return { ...mirror, steps: steps.join(',') }
  return {
    ...mirror,
    ...(step !== undefined && { step: String(Math.min(step, max ?? 100)), max: String(max ?? 100) }),
  }
}

/** A metric that is built in, with its range; undefined for one with a query or template of its own. */
function metricWord(metric: Fields): string | undefined {
  const name = textOf(metric['name'])
  if (name !== 'request-success-rate' && name !== 'request-duration') return undefined
  const range = fieldsOf(metric['thresholdRange'])
  const threshold = numberOf(metric['threshold'])
  const old = threshold === undefined ? {} : { [name === 'request-duration' ? 'max' : 'min']: threshold }
  const { min, max } = isFields(metric['thresholdRange']) ? range : old
  return [
    name,
    ...(numberOf(min) === undefined ? [] : [`min=${String(min)}`]),
    ...(numberOf(max) === undefined ? [] : [`max=${String(max)}`]),
    textOf(metric['interval']) ?? '1m',
  ].join(':')
}

/** The requests of an A/B test. Blocks of a match are alternatives, of which a cohort has none. */
function matchWords(
  canary: KubeObject,
  blocks: readonly unknown[],
): Pick<AnalysisWords, 'header' | 'query' | 'sourceLabel'> {
  if (blocks.length === 0) return {}
  const { headers, queryParams, sourceLabels, ...others } = fieldsOf(blocks[0])
  const [other] = Object.keys(others)
  if (blocks.length > 1) throw untaken(canary, 'has several blocks, which are alternatives')
  if (other !== undefined) throw untaken(canary, `tests ${other}`)
  const texts = (said: unknown): readonly string[] =>
    Object.entries(fieldsOf(said)).map(([name, test]) => textTest(canary, name, fieldsOf(test)))
  const header = texts(headers)
  const query = texts(queryParams)
  const sourceLabel = Object.entries(fieldsOf(sourceLabels)).map(
    ([name, value]) => `${name}=${String(value)}`,
  )
  return {
    ...(header.length > 0 && { header }),
    ...(query.length > 0 && { query }),
    ...(sourceLabel.length > 0 && { sourceLabel }),
  }
}

/** `x-canary=insider`, `cookie:regex=^…$`. */
function textTest(canary: KubeObject, name: string, test: Fields): string {
  const [kind, value] = Object.entries(test)[0] ?? ['nothing', undefined]
  if (typeof value === 'string') {
    if (kind === 'exact') return `${name}=${value}`
    if (kind === 'prefix' || kind === 'regex') return `${name}:${kind}=${value}`
  }
  throw untaken(canary, `tests ${name} by ${kind}`)
}

const untaken = (canary: KubeObject, why: string): CanaryError =>
  new CanaryError(
    'refused',
    `spec.analysis.match of ${keyOf(refOf(canary))} ${why}: a run cannot have that`,
    {
      hints: [
        'Say who gets the version yourself: --header, --query or --source-label with the flags of a run.',
      ],
    },
  )

/** What a run does not take over. */
function leftOf(analysis: Fields, metrics: readonly Fields[]): readonly string[] {
  const names = (items: readonly Fields[]): string =>
    items
      .map(
        ({ name, type }) => `${textOf(name) ?? '?'}${textOf(type) === undefined ? '' : ` (${String(type)})`}`,
      )
      .join(', ')
  const own = metrics.filter(metric => metricWord(metric) === undefined)
  const webhooks = itemsOf(analysis['webhooks']).map(fieldsOf)
  const alerts = itemsOf(analysis['alerts']).map(fieldsOf)
  return [
    ...(own.length === 0
      ? []
      : [`Its metrics ${names(own)} are not taken: put their queries into a plan file (docs/run.md).`]),
    ...(webhooks.length === 0
      ? []
      : [`Its webhooks ${names(webhooks)} are not taken: --gate and --hook do what they do.`]),
    ...(alerts.length === 0
      ? []
      : [`Its alerts ${names(alerts)} are not taken: --hook posts news of a run.`]),
    ...(isFields(analysis['sessionAffinity']) ? ['Its sessionAffinity is not taken.'] : []),
    ...(numberOf(analysis['stepWeightPromotion']) === undefined
      ? []
      : ['Its stepWeightPromotion is not taken: a run promotes at once.']),
  ]
}
