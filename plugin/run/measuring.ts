import type { MetricCheck } from '../../shared/analysis/check-result.ts'
import { judge } from '../../shared/analysis/judge.ts'
import { measure } from '../../shared/analysis/measure.ts'
import type { Measurement } from '../../shared/analysis/measurement.ts'
import type { ClusterEvent, ObservedPod } from '../../shared/analysis/pods/observed.ts'
import { podFailures } from '../../shared/analysis/pods/pod-failures.ts'
import type { AnalysisMetric } from '../../shared/analysis/metric.ts'
import type { MeasuredService } from '../../shared/metrics/assemble.ts'
import type { RolloutRecord } from '../../shared/rollout/rollout-record.ts'
import { passedBefore, presentOf } from '../../shared/rollout/rollout-state.ts'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import { fieldsOf, itemsOf } from '../../shared/objects/unchecked.ts'
import type { Store } from '../../shared/view/store.ts'
import type { PrometheusFinder } from '../metrics/prometheus-finder.ts'
import { measureJob, type JobBench, type MeasuredJob } from './job-metric.ts'
import { gateBody, postTo, shownUrl } from './post.ts'

/** Where a run measures. */
export interface Instruments {
  readonly finder: PrometheusFinder
  /** Seconds between two scrapes, where a person says so. */
  readonly scrapeInterval?: number | undefined
  /** Asks the API server. */
  readonly ask: Store['request']
  /** Creates Jobs and waits for them. */
  readonly bench: JobBench | undefined
  /** What URLs of the plan may name. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  readonly now: () => Date
}

/** The results of one check of a run, in the order of its metrics. */
export async function measureRun(
  instruments: Instruments,
  reading: MeasuredService,
  record: RolloutRecord,
): Promise<readonly MetricCheck[]> {
  const { metrics, minRequests, confidence } = record.plan
  // A Job may take minutes and send requests: what is counted, is counted after it.
  const jobs = await ofJobs(instruments, record)
  const [counted, others] = await Promise.all([
    ofPrometheus(instruments, reading, record),
    Promise.all(metrics.map(metric => ofOthers(instruments, metric, { reading, record }))),
  ])
  return metrics.map((metric, i) => {
    const measurement = others[i] ?? jobs.get(metric) ?? counted.get(metric) ?? { kind: 'nothing' }
    return judge(metric, measurement, { minRequests, confidence, earlier: passedBefore(record.state) })
  })
}

/** Whether a metric is asked of a Prometheus. */
export const needsPrometheus = ({ source: { kind } }: AnalysisMetric): boolean =>
  kind === 'success-rate' || kind === 'duration' || kind === 'query'

async function ofPrometheus(
  { finder, scrapeInterval, now }: Instruments,
  reading: MeasuredService,
  { plan, version, stable, state }: RolloutRecord,
): Promise<ReadonlyMap<AnalysisMetric, Measurement>> {
  const metrics = plan.metrics.filter(needsPrometheus)
  const stage = plan.stages[state.stage]
  if (metrics.length === 0) return new Map()
  const chosen = await finder.choose([reading])
  if (chosen === undefined || 'reason' in chosen) {
    const detail = chosen === undefined ? 'no Prometheus was found' : `${chosen.source}: ${chosen.message}`
    return new Map(metrics.map(metric => [metric, { kind: 'failed', detail }]))
  }
  const measurements = await measure(chosen.client, {
    reading,
    version,
    stable,
    metrics,
    scrapeInterval: scrapeInterval === undefined ? chosen.scrapeInterval : { seconds: scrapeInterval },
    since: new Date(presentOf(state).since ?? now()),
    ...(stage?.kind === 'weight' && { share: stage.percent }),
    now: now(),
  })
  if (measurements.every(({ kind }) => kind === 'failed')) finder.forget()
  return new Map(metrics.map((metric, i) => [metric, measurements[i]!]))
}

async function ofJobs(
  { bench }: Instruments,
  record: RolloutRecord,
): Promise<ReadonlyMap<AnalysisMetric, Measurement>> {
  const measured = record.plan.metrics.flatMap(metric => {
    const { name, source } = metric
    return source.kind === 'job'
      ? [measuredBy(bench, { name, source }, record).then(one => [metric, one] as const)]
      : []
  })
  // Where one is interrupted, the others delete their Jobs, too.
  await Promise.allSettled(measured)
  return new Map(await Promise.all(measured))
}

const measuredBy = async (
  bench: JobBench | undefined,
  metric: MeasuredJob,
  record: RolloutRecord,
): Promise<Measurement> =>
  bench === undefined
    ? { kind: 'failed', detail: 'no Job can be created here' }
    : measureJob(bench, metric, record)

async function ofOthers(
  instruments: Instruments,
  { source }: AnalysisMetric,
  { reading, record }: { readonly reading: MeasuredService; readonly record: RolloutRecord },
): Promise<Measurement | undefined> {
  if (source.kind === 'pod-failures') return ofPods(instruments, reading, record)
  if (source.kind !== 'webhook') return undefined
  const { env, signal } = instruments
  const { ok, said } = await postTo({ url: source.url, env }, gateBody(record), signal)
  return { kind: 'answer', passed: ok, detail: `${shownUrl(source.url)}: ${said}` }
}

/** What goes wrong with the pods of both versions since the present step began. */
async function ofPods(
  { ask, signal, now }: Instruments,
  { versions }: MeasuredService,
  { namespace: home, version, stable, state }: RolloutRecord,
): Promise<Measurement> {
  const named = (name: string) => versions.find(one => one.name === name)
  const own = named(version)
  if (ask === undefined || own === undefined)
    return { kind: 'nothing', detail: `there is no version ${version}` }
  const both = [own, named(stable)].flatMap(one => one ?? [])
  const namespaces = [...new Set([home, ...both.flatMap(one => one.service?.namespace ?? [])])]
  const list = async (
    plural: string,
    query: Readonly<Record<string, string>> = {},
  ): Promise<readonly unknown[]> => {
    const lists = namespaces.map(async namespace => {
      const path = `/api/v1/namespaces/${namespace}/${plural}`
      const answer = await ask({ path, query, signal })
      if (answer.status !== 200)
        throw new CanaryError('forbidden', `${path} cannot be read (${answer.status})`)
      return itemsOf(fieldsOf(JSON.parse(answer.text))['items'])
    })
    return (await Promise.all(lists)).flat()
  }
  try {
    const [pods, events] = await Promise.all([
      list('pods'),
      list('events', { fieldSelector: 'type=Warning' }),
    ])
    return podFailures({
      namespace: home,
      version: own,
      stable: named(stable),
      pods: pods as readonly ObservedPod[],
      events: events as readonly ClusterEvent[],
      since: new Date(presentOf(state).since ?? now()),
      now: now(),
    })
  } catch (error) {
    if (!(error instanceof CanaryError)) throw error
    return { kind: 'failed', detail: error.message }
  }
}
