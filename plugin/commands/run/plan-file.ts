import { dirname, resolve } from 'node:path'
import type { JobFields } from '../../../shared/analysis/job-fields.ts'
import type { MetricFields } from '../../../shared/analysis/metric-fields.ts'
import { fieldsOf } from '../../../shared/objects/unchecked.ts'
import { checkedYaml, readYamlFile, type CheckedYaml } from '../../read/checked-yaml.ts'
import type { PlanFields } from '../../words/rollout/run-plan.ts'
import schema from '../../../docs/run-plan.schema.json' with { type: 'json' }

/** A plan as its file has it, with the Jobs of its metrics loaded. */
export interface PlanFile {
  readonly fields: PlanFields
  /** The error for something that the schema cannot know, with its line. */
  readonly refuse: CheckedYaml<unknown>['refuse']
}

/** A Job of a metric as it is written: a file, or what is in one. */
type WrittenJob = JobFields & { readonly file?: string }
type WrittenMetric = string | (Omit<MetricFields, 'job'> & { readonly job?: string | WrittenJob })
type PlanText = Omit<PlanFields, 'metrics'> & { readonly metrics?: readonly WrittenMetric[] }

/** Reads a plan. Throws `unreadable` with the line for what does not fit, also in a file that it names. */
export async function readPlanFile(file: string): Promise<PlanFile> {
  const { value, refuse } = await checkedPlan(file, await readYamlFile(file))
  const { metrics, ...rest } = value ?? {}
  if (metrics === undefined) return { fields: rest, refuse }
  const loaded = await Promise.all(
    metrics.map(async (metric, i) => {
      if (typeof metric === 'string' || metric.job === undefined) return metric as MetricFields | string
      return { ...metric, job: await loadedJob(file, metric.job, why => refuse(['metrics', i, 'job'], why)) }
    }),
  )
  return { fields: { ...rest, metrics: loaded }, refuse }
}

const checkedPlan = (file: string, text: string): Promise<CheckedYaml<PlanText | null>> =>
  checkedYaml<PlanText | null>(file, text, {
    schema,
    what: 'the plan',
    documented: 'docs/run-plan.schema.json',
  })

/** The text of a plan that names no other file: with each Job in place of its file. */
export async function planInOneFile(file: string): Promise<string> {
  const text = await readYamlFile(file)
  const { value } = await checkedPlan(file, text)
  const written = value?.metrics ?? []
  const isWhole = written.every(metric => typeof metric === 'string' || fileOf(metric.job) === undefined)
  if (isWhole) return text
  const { fields } = await readPlanFile(file)
  const { parseDocument } = await import('yaml')
  const document = parseDocument(text)
  for (const [i, metric] of (fields.metrics ?? []).entries())
    if (typeof metric !== 'string' && metric.job !== undefined)
      document.setIn(['metrics', i, 'job'], document.createNode(metric.job))
  return document.toString({ lineWidth: 0 })
}

const fileOf = (job: string | WrittenJob | undefined): string | undefined =>
  typeof job === 'string' ? job : job?.file

/** The file of a Job is looked up beside the plan. */
async function loadedJob(
  plan: string,
  job: string | WrittenJob,
  refuse: (why: string) => Error,
): Promise<JobFields> {
  const { file, ...written } = typeof job === 'string' ? { file: job } : job
  const hasOwn = 'spec' in written || 'metadata' in written
  if (file === undefined) return written
  if (hasOwn) throw refuse('a job has either a file, or metadata and spec')
  const path = resolve(dirname(plan), file)
  const { value } = await checkedYaml<JobFields>(path, await readYamlFile(path), {
    schema: jobSchema,
    what: 'the Job',
    documented: 'docs/run.md',
  })
  return {
    metadata: ownMetadata(fieldsOf(value.metadata)),
    spec: value.spec,
    ...(written.timeout !== undefined && { timeout: written.timeout }),
  }
}

/** Without what an API server makes, and without the name: each check has its own. */
const ownMetadata = ({ namespace, labels, annotations }: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(
    Object.entries({ namespace, labels, annotations }).filter(([, value]) => value !== undefined),
  )

const texts = { type: 'object', additionalProperties: { type: 'string' } }

/** What is asked of the file of a Job; the API server judges the rest. */
const jobSchema = {
  type: 'object',
  required: ['apiVersion', 'kind', 'spec'],
  properties: {
    apiVersion: { const: 'batch/v1' },
    kind: { const: 'Job' },
    metadata: { type: 'object', properties: { labels: texts, annotations: texts } },
    spec: { type: 'object' },
  },
}
