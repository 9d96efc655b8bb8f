import { CanaryError } from '../objects/canary-error.ts'
import { fieldsOf, itemsOf, textOf } from '../objects/unchecked.ts'
import type { KeptRun } from '../view/runs/run-store.ts'
import type { RolloutPlan } from './rollout-plan.ts'
import { statuses, type RolloutState } from './rollout-state.ts'

/** A rollout as it is kept in the cluster: what is wanted, and how far it is. */
export interface RolloutRecord {
  /** Of the fields below: one that we do not know is of a newer version of the program. */
  readonly format: 1
  /** The same for all its steps, also after another process went on with it. */
  readonly id: string
  readonly service: string
  readonly namespace: string
  readonly version: string
  /** The version that it is compared with, and to which everything goes back. */
  readonly stable: string
  readonly plan: RolloutPlan
  readonly state: RolloutState
  /** The command as it was typed: `kubectl canary run catalog v2`. */
  readonly command: string
  /** The user, as the API server knows them. */
  readonly by?: string
  /** RFC 3339. */
  readonly started: string
  /** Overrides what a person may override, in every step. */
  readonly force: boolean
  readonly reason?: string
  /** Of `--continue`: a process that is started again with it continues this run. */
  readonly key?: string
  /** The routing API that was chosen with `--provider`: the one whose routes the run changes. */
  readonly provider?: string
}

/** The record as text. */
export const formatRecord = (record: RolloutRecord): string => JSON.stringify(record)

/** The record in a run as the cluster keeps it; throws a CanaryError `unreadable` for what is none. */
export const recordIn = ({
  text,
  namespace,
  name,
}: Pick<KeptRun, 'text' | 'namespace' | 'name'>): RolloutRecord => parseRecord(text, { namespace, name })

/** The record in the text of a Lease; throws a CanaryError `unreadable`, with its name, for another text. */
export function parseRecord(
  text: string,
  { namespace, name }: Pick<KeptRun, 'namespace' | 'name'>,
): RolloutRecord {
  const where = `Lease ${namespace}/${name}`
  const record = fieldsOf(parsed(text))
  if (typeof record['format'] === 'number' && record['format'] > 1)
    throw new CanaryError('unreadable', `${where} is of a newer version of kubectl canary`, {
      hints: ['Use the version that began the run, or a newer one.'],
    })
  const texts = ['id', 'service', 'namespace', 'version', 'stable', 'command', 'started']
  const isWhole =
    record['format'] === 1
    && texts.every(key => textOf(record[key]) !== undefined)
    && isPlan(record['plan'])
    && isStateOf(record['plan'], record['state'])
  if (isWhole) return record as unknown as RolloutRecord
  throw new CanaryError('unreadable', `${where} does not hold a run of kubectl canary`, {
    hints: [
      `If nothing else uses it: kubectl delete lease ${name} -n ${namespace}`,
      'The routes stay as they are; abort sends everything back to stable.',
    ],
  })
}

/** Whether a plan has all that a run reads without asking. */
function isPlan(plan: unknown): boolean {
  const fields = fieldsOf(plan)
  const lists = ['stages', 'metrics', 'gates', 'hooks']
  const numbers = ['interval', 'checks', 'threshold', 'minRequests', 'confidence', 'noDataDeadline']
  return (
    lists.every(key => Array.isArray(fields[key]))
    && itemsOf(fields['stages']).every(stage => isStage(fieldsOf(stage), fields['cohort']))
    && itemsOf(fields['metrics']).every(isMetric)
    && itemsOf(fields['gates']).every(gate => textOf(gate) !== undefined)
    && itemsOf(fields['hooks']).every(hook => textOf(fieldsOf(hook)['url']) !== undefined)
    && numbers.every(key => Number.isFinite(fields[key]))
  )
}

const isStage = ({ kind, percent }: Readonly<Record<string, unknown>>, cohort: unknown): boolean =>
  Number.isFinite(percent)
  && (kind === 'weight'
    || kind === 'mirror'
    || (kind === 'cohort' && textOf(fieldsOf(cohort)['name']) !== undefined))

function isMetric(metric: unknown): boolean {
  const { name, source } = fieldsOf(metric)
  return textOf(name) !== undefined && textOf(fieldsOf(source)['kind']) !== undefined
}

/** Whether a state is one of the plan. */
function isStateOf(plan: unknown, state: unknown): boolean {
  const { status, stage, failures, progress } = fieldsOf(state)
  return (
    (statuses as readonly unknown[]).includes(status)
    && itemsOf(fieldsOf(plan)['stages'])[Number(stage)] !== undefined
    && Number.isFinite(failures)
    && Array.isArray(progress)
    && progress.every(isProgress)
  )
}

function isProgress(one: unknown): boolean {
  const { checks, ...counts } = fieldsOf(one)
  return (
    ['passed', 'failed', 'noData'].every(key => Number.isFinite(counts[key]))
    && Array.isArray(checks)
    && checks.every(check => Array.isArray(fieldsOf(check)['results']))
  )
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
