import { escaped } from '../../../shared/objects/text/escaped.ts'
import { serviceWord } from '../../../shared/objects/text/kubectl-commands.ts'
import { endOf, type Order } from '../../../shared/rollout/rollout-state.ts'
import { routesOfRun } from '../../../shared/rollout/run-words.ts'
import type { ServiceRun, ServiceStatus } from '../services/service-status.ts'
import { formatAge } from '../services/span.ts'

/** The run of a service in a sentence: `run of v2: step 2 of 5 (20 %), 1 of 5 failures, by ann for 5m`. */
export function formatRun(
  run: ServiceRun,
  { service, namespace }: Pick<ServiceStatus, 'service' | 'namespace'>,
  now: Date,
): string {
  if (run.ended !== undefined)
    return escaped(`last run: ${run.version} ${endOf(run)} (${formatAge(run.ended, now)} ago)`)
  const named = `${serviceWord(service)} -n ${namespace}`
  const parts = [
    `run of ${run.version}: step ${run.step} of ${run.steps}${shareOf(run)}`,
    `${run.failures} of ${run.threshold} failures`,
    `${run.by === undefined ? 'begun' : `by ${run.by}`} ${formatAge(run.started, now)} ago`,
    ...(run.paused === undefined ? [] : [pauseOf(run.paused)]),
    ...(run.changed === undefined ? [] : [`the routes of ${run.changed.join(', ')} were changed since`]),
    ...(run.held === undefined ? [] : [`waiting: ${run.held}`]),
    ...(run.status === 'confirming'
      ? [`to promote it: kubectl canary promote ${routesOfRun({ service, namespace, ...run }, run.version)}`]
      : []),
    ...(run.attended === false && run.status !== 'confirming'
      ? [`no process is running it; to continue: kubectl canary run ${named} --resume`]
      : []),
  ]
  return escaped(parts.join(', '))
}

function shareOf({ traffic }: ServiceRun): string {
  if (traffic === undefined) return ''
  const of = { weight: '', mirror: ' of copies', cohort: ' of its cohort' }[traffic.kind]
  return ` (${traffic.percent} %${of})`
}

/** `paused by ann (looking at the logs)`. */
const pauseOf = ({ by, reason }: Order): string =>
  `paused${by === undefined ? '' : ` by ${by}`}${reason === undefined ? '' : ` (${reason})`}`

/** The run in a cell of a list: `v2 2/5`, `v2 2/5 paused`, `v2 2/5 paused, routes changed`; `-` where none is in progress. */
export function formatRunCell(run: ServiceRun | undefined): string {
  if (run === undefined || run.ended !== undefined) return '-'
  const state =
    run.paused !== undefined || run.status === 'confirming'
      ? ' paused'
      : run.attended === false
        ? ' stopped'
        : ''
  const changed = run.changed === undefined ? '' : ', routes changed'
  return `${run.version} ${run.step}/${run.steps}${state}${changed}`
}
