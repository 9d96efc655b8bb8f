import { createHash } from 'node:crypto'
import type { Measurement } from '../../shared/analysis/measurement.ts'
import type { AnalysisMetric, JobTemplate, MetricSource } from '../../shared/analysis/metric.ts'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { RolloutRecord } from '../../shared/rollout/rollout-record.ts'
import { isOver, presentOf } from '../../shared/rollout/rollout-state.ts'
import type { JobOf, JobStanding, JobStore, NewJob } from '../../shared/view/runs/job-store.ts'
import { RunTaken } from './keeper.ts'
import { filled, templateFieldsOf } from './post.ts'
import { isLate, lookEvery } from './waiting.ts'

/** Where Jobs are created, and how they are waited for. */
export interface JobBench {
  readonly jobs: JobStore
  readonly now: () => Date
  /** Rejects where it is interrupted. */
  readonly wait: (milliseconds: number) => Promise<void>
  /** The run with what others ordered. */
  readonly look: () => Promise<RolloutRecord>
}

/** A metric that a Job decides. */
export interface MeasuredJob extends Pick<AnalysisMetric, 'name'> {
  readonly source: Extract<MetricSource, { readonly kind: 'job' }>
}

/** A Job that has ended is kept for this long where its template does not say it, for its log; in seconds. */
const keptFor = 3600
/** So much later than its check gives up, a Job that nobody deleted ends by itself; in seconds. */
const grace = 60
/** Pods are labelled with the name of their Job, and a label takes 63 characters. */
const longestName = 63

/**
 * Creates the Job of a metric for the present check and waits until it has ended: Complete passes, Failed fails. There is
 * no verdict where it cannot be created, or has not ended in time or before the run. A Job that has passed or is not
 * needed any more is deleted; one that failed is kept for its log. Rejects where it is interrupted, and where another
 * process has the run.
 */
export async function measureJob(
  bench: JobBench,
  metric: MeasuredJob,
  record: RolloutRecord,
): Promise<Measurement> {
  const of = jobOf(metric, record)
  const where = `Job ${of.namespace}/${of.name}`
  try {
    await bench.jobs.create(of, newJob(metric, record))
  } catch (error) {
    if (!(error instanceof CanaryError)) throw error
    if (['unreachable', 'timeout'].includes(error.code)) await removed(bench, of)
    return { kind: 'failed', detail: `${where} cannot be created: ${error.message}` }
  }
  let isLeft = false
  try {
    const measured = await ended(bench, { of, where, metric }, record)
    isLeft = measured.kind === 'answer' && !measured.passed
    return measured
  } catch (error) {
    // A process that continues the run waits for the same Job.
    isLeft = error instanceof RunTaken
    throw error
  } finally {
    if (!isLeft) await removed(bench, of)
  }
}

/** It is deleted later by itself, too. */
const removed = ({ jobs }: JobBench, of: JobOf): Promise<void> => jobs.remove(of).catch(() => undefined)

interface Awaited {
  readonly of: JobOf
  readonly where: string
  readonly metric: MeasuredJob
}

async function ended(bench: JobBench, awaited: Awaited, record: RolloutRecord): Promise<Measurement> {
  const { of, where, metric } = awaited
  const { timeout } = metric.source
  const until = bench.now().getTime() + timeout * 1000
  let pods = ''
  for (let trouble: string | undefined, seen = record; ;) {
    const standing = await bench.jobs.get(of).catch((error: unknown) => {
      if (!(error instanceof CanaryError)) throw error
      trouble = error.message
      return { kind: 'unknown' } as const
    })
    if (standing === undefined) return { kind: 'failed', detail: `${where} was deleted` }
    if (standing.kind !== 'unknown') trouble = undefined
    if (standing.kind === 'running') pods = ` (pods: ${standing.active} active, ${standing.ready} ready)`
    const measured = standing.kind === 'unknown' ? undefined : measurementOf(standing, awaited)
    if (measured !== undefined) return measured
    if (isOver(seen.state) || isLate(seen, bench.now()))
      return { kind: 'failed', detail: `the run was over before ${where} had ended` }
    if (bench.now().getTime() >= until)
      return {
        kind: 'failed',
        detail: `${where} has not ended within ${timeout} s${pods}${trouble === undefined ? '' : `: ${trouble}`}`,
      }
    await bench.wait(Math.min(lookEvery, Math.max(1, until - bench.now().getTime())))
    seen = await bench.look().catch((error: unknown) => {
      if (!(error instanceof CanaryError)) throw error
      return seen
    })
  }
}

/** Undefined while it runs. Only a deadline of the template itself is a failure: ours is later than the check waits. */
function measurementOf(standing: JobStanding, { of, where, metric }: Awaited): Measurement | undefined {
  if (standing.kind === 'running') return undefined
  if (standing.kind === 'complete') return { kind: 'answer', passed: true, detail: where }
  const { reason, message } = standing
  const said = `${where}: ${reason}${message === '' ? '' : `, ${message}`}`
  const isOurs =
    reason === 'DeadlineExceeded' && metric.source.template.spec['activeDeadlineSeconds'] === undefined
  return isOurs
    ? { kind: 'failed', detail: said }
    : {
        kind: 'answer',
        passed: false,
        detail: `${said}; its log: kubectl logs job/${of.name} -n ${of.namespace}`,
      }
}

/** The same for one check, whichever process makes it: a run that is taken over waits for the Job that is there. */
function jobOf({ name }: MeasuredJob, { id, namespace, state }: RolloutRecord): JobOf {
  const { passed, failed, noData } = presentOf(state)
  const end = `-${id}-${state.stage + 1}-${passed + failed + noData + 1}`
  const word = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .replace(/-$/, '')
  const room = longestName - end.length
  if (word === name && word.length <= room) return { namespace, name: word + end }
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 6)
  const begin = word.slice(0, room - 7).replace(/-$/, '')
  return { namespace, name: `${begin === '' ? 'metric' : begin}-${digest}${end}` }
}

const newJob = ({ source: { template, timeout } }: MeasuredJob, record: RolloutRecord): NewJob => {
  const { labels, annotations, spec }: JobTemplate = JSON.parse(
    filled(JSON.stringify(template), templateFieldsOf(record)),
  )
  return {
    labels: { ...labels, 'app.kubernetes.io/managed-by': 'kubectl-canary', 'kubectl-canary/run': record.id },
    annotations: { ...annotations, 'kubectl-canary/service': record.service },
    spec: {
      ttlSecondsAfterFinished: keptFor,
      // A process that is killed deletes nothing, and only what has ended is deleted by itself.
      activeDeadlineSeconds: timeout + grace,
      ...spec,
    },
  }
}

/** Asks the API server whether it would take the Job of a metric. Throws a CanaryError where it would not. */
export const checkJob = (jobs: JobStore, metric: MeasuredJob, record: RolloutRecord): Promise<void> =>
  jobs.check(jobOf(metric, record), newJob(metric, record))
