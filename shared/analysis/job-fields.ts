import { parseDuration } from '../objects/text/parse-duration.ts'
import { fieldsOf, isFields, itemsOf, labelsOf, textOf } from '../objects/unchecked.ts'
import { unfit } from './metric-range.ts'
import type { JobTemplate, MetricSource } from './metric.ts'

/** The Job of a metric as a plan file has it, once its file is loaded: docs/run-plan.schema.json. */
export interface JobFields {
  readonly metadata?: unknown
  readonly spec?: unknown
  /** `5m`, which it is when left out. */
  readonly timeout?: string
}

const usualTimeout = 300
const longestTimeout = 3600
/** The run, which holds the Job, has to fit into the annotations of one object, which take 256 KiB. */
const largestTemplate = 32_768

/** The source that a Job is; throws a usage error for what cannot be one. The API server judges the rest of it. */
export function jobSourceOf(
  name: string,
  { metadata, spec, timeout }: JobFields,
): Extract<MetricSource, { readonly kind: 'job' }> {
  if (!isFields(spec))
    throw unfit(`the Job of metric ${name} has no spec`, 'It takes the spec of a Job of batch/v1.')
  const pod = fieldsOf(fieldsOf(spec['template'])['spec'])
  if (itemsOf(pod['containers']).length === 0)
    throw unfit(
      `the Job of metric ${name} has no containers in spec.template.spec`,
      'It takes the spec of a Job of batch/v1.',
    )
  const template = templateOf(fieldsOf(metadata), spec)
  if (JSON.stringify(template).length > largestTemplate)
    throw unfit(
      `the Job of metric ${name} is longer than 32 KiB`,
      'Put what it needs into a ConfigMap or an image.',
    )
  return { kind: 'job', template, timeout: secondsOf(name, timeout) }
}

function templateOf(
  { namespace, labels, annotations }: Readonly<Record<string, unknown>>,
  spec: JobTemplate['spec'],
): JobTemplate {
  const where = textOf(namespace)
  return {
    ...(where !== undefined && { namespace: where }),
    labels: labelsOf(labels),
    annotations: labelsOf(annotations),
    spec,
  }
}

function secondsOf(name: string, timeout: string | undefined): number {
  if (timeout === undefined) return usualTimeout
  const seconds = (parseDuration(timeout) ?? Number.NaN) / 1000
  if (seconds >= 1 && seconds <= longestTimeout) return seconds
  throw unfit(
    `timeout ${JSON.stringify(timeout)} of metric ${name} is not a duration from 1s to 1h`,
    'Examples: 30s, 5m',
  )
}
