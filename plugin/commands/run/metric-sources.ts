import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { JobTemplate } from '../../../shared/analysis/metric.ts'
import { filledIn } from '../../../shared/analysis/measuring/query-value.ts'
import type { MeasuredService } from '../../../shared/metrics/assemble.ts'
import { fieldsOf, labelsOf } from '../../../shared/objects/unchecked.ts'
import type { PrometheusClient } from '../../../shared/metrics/prometheus/prometheus-client.ts'
import type { ServiceReading } from '../../../shared/routing/provider.ts'
import type { JobStore } from '../../../shared/view/runs/job-store.ts'
import type { RolloutRecord } from '../../../shared/rollout/rollout-record.ts'
import type { Store } from '../../../shared/view/store.ts'
import { prometheusServerOf } from '../../flags/prometheus-flags.ts'
import { PrometheusFinder } from '../../metrics/prometheus-finder.ts'
import { formatFiguresFailure } from '../../print/services/figures-failure.ts'
import { checkJob } from '../../run/job-metric.ts'
import { needsPrometheus } from '../../run/measuring.ts'
import type { Session } from '../../session.ts'
import type { RunFlags } from './run-flags.ts'

/** The Prometheus that was named, or one of the cluster. */
export function finderOf(session: Session, store: Store, flags: RunFlags): PrometheusFinder {
  const { streams } = session
  const server = prometheusServerOf(flags, { env: streams.env, live: true })
  return new PrometheusFinder({
    server: server === 'none' ? undefined : server,
    ask: server === 'none' || store.request === undefined ? undefined : asked => store.request!(asked),
    rootNamespace: session.flags.mesh.rootNamespace,
    env: streams.env,
    signal: streams.interrupt,
    wait: milliseconds => streams.wait(milliseconds),
  })
}

/** Throws a CanaryError where a metric of a run could never be measured: such a run is not begun. */
export async function requireSources(
  { finder, jobs }: { readonly finder: PrometheusFinder; readonly jobs: JobStore | undefined },
  reading: ServiceReading,
  record: RolloutRecord,
): Promise<void> {
  await requireJobs(jobs, reading, record)
  await requirePrometheus(finder, reading, record)
}

/** A Job that the API server does not take would never pass. */
async function requireJobs(
  jobs: JobStore | undefined,
  reading: ServiceReading,
  record: RolloutRecord,
): Promise<void> {
  for (const { name, source } of record.plan.metrics) {
    if (source.kind !== 'job') continue
    if (jobs === undefined) throw new CanaryError('failed', `metric ${name}: a Job needs a cluster`)
    requireOwnPlace(name, source.template, { reading, record })
    await checkJob(jobs, { name, source }, record).catch((error: unknown) => {
      if (!(error instanceof CanaryError)) throw error
      throw new CanaryError(error.code, `the Job of metric ${name} would be refused: ${error.message}`, {
        cause: error,
        hints: error.hints.length > 0 ? error.hints : ['Change its template in the plan, or its file.'],
      })
    })
  }
}

/** Its pods must be beside the Service, and must not be taken for pods of the Service. */
function requireOwnPlace(
  name: string,
  template: JobTemplate,
  { reading, record }: { readonly reading: ServiceReading; readonly record: RolloutRecord },
): void {
  const { service, namespace } = record
  if (template.namespace !== undefined && template.namespace !== namespace)
    throw new CanaryError('usage', `the Job of metric ${name} is of namespace ${template.namespace}`, {
      hints: [`Leave its namespace out: it is created in that of the Service, ${namespace}.`],
    })
  const labels = labelsOf(fieldsOf(fieldsOf(template.spec['template'])['metadata'])['labels'])
  const object = reading.view.get({ kind: 'Service', namespace, name: service })
  const selector = Object.entries(labelsOf(object?.spec?.selector))
  if (selector.length === 0 || selector.some(([key, value]) => labels[key] !== value)) return
  throw new CanaryError('usage', `the pods of the Job of metric ${name} have the labels of ${service}`, {
    hints: ['They would get requests of the Service: give spec.template.metadata.labels of their own.'],
  })
}

/** A run that could judge nothing is not begun. */
async function requirePrometheus(
  finder: PrometheusFinder,
  reading: MeasuredService,
  record: RolloutRecord,
): Promise<void> {
  const needing = record.plan.metrics.find(needsPrometheus)
  if (needing === undefined) return
  const chosen = await finder.choose([reading])
  if (chosen !== undefined && !('reason' in chosen)) return requireParsed(chosen.client, record)
  throw new CanaryError(
    'not-found',
    chosen === undefined
      ? `no Prometheus was found for metric ${needing.name}`
      : formatFiguresFailure(chosen),
    {
      hints: [
        'Name the one that scrapes the proxies: --prometheus URL',
        'Or judge without one: --metric pod-failures, or a metric with a webhook or a job in a plan file.',
      ],
    },
  )
}

/** A query that cannot be parsed would never give a number; what else is wrong with one may depend on the data. */
async function requireParsed(client: PrometheusClient, record: RolloutRecord): Promise<void> {
  const { service, namespace, version, plan } = record
  for (const { name, source } of plan.metrics) {
    if (source.kind !== 'query') continue
    const query = filledIn(source.query, { service, namespace, version, interval: '1m' })
    const { failure } = await client.instant(query)
    if (failure?.reason !== 'rejected' || !/\bparse\b/i.test(failure.message)) continue
    throw new CanaryError('usage', `metric ${name}: the query cannot be parsed: ${failure.message}`, {
      hints: [`The query is: ${query}`],
    })
  }
}
