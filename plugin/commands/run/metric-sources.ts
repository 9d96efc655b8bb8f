import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { MeasuredService } from '../../../shared/metrics/assemble.ts'
import type { RolloutRecord } from '../../../shared/rollout/rollout-record.ts'
import type { Store } from '../../../shared/view/store.ts'
import { prometheusServerOf } from '../../flags/prometheus-flags.ts'
import { PrometheusFinder } from '../../metrics/prometheus-finder.ts'
import { formatFiguresFailure } from '../../print/services/figures-failure.ts'
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
  finder: PrometheusFinder,
  reading: MeasuredService,
  record: RolloutRecord,
): Promise<void> {
  requireKnownSources(record)
  await requirePrometheus(finder, reading, record)
}

/** A metric that is not measured yet would never pass. */
function requireKnownSources({ plan: { metrics } }: RolloutRecord): void {
  const job = metrics.find(({ source: { kind } }) => kind === 'job')
  if (job === undefined) return
  throw new CanaryError('usage', `metric ${job.name}: a Job as a metric is not supported yet`, {
    hints: ['Use a webhook that starts the Job and answers when it has ended.'],
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
  if (chosen !== undefined && !('reason' in chosen)) return
  throw new CanaryError(
    'not-found',
    chosen === undefined
      ? `no Prometheus was found for metric ${needing.name}`
      : formatFiguresFailure(chosen),
    {
      hints: [
        'Name the one that scrapes the proxies: --prometheus URL',
        'Or judge without one: --metric pod-failures, or a metric with a webhook in a plan file.',
      ],
    },
  )
}
