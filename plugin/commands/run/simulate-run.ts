import type { AnalysisMetric } from '../../../shared/analysis/metric.ts'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { RolloutPlan } from '../../../shared/rollout/rollout-plan.ts'
import { beginning } from '../../../shared/rollout/rollout-state.ts'
import { prometheusKeys } from '../../flags/prometheus-flags.ts'
import { canBeSimulated, simulate } from '../../run/simulate.ts'
import type { Session } from '../../session.ts'
import { outputOf } from '../output.ts'
import { jsonLines, lines } from './display/displays.ts'
import { exitCodeOf } from './exit-code.ts'
import { playedTraffic, type PlayedTraffic } from './played-traffic.ts'
import { kebab, planOf, type RunFlags } from './run-flags.ts'
import { writeReport } from './write-report.ts'
import type { RunTarget } from './checked-run.ts'

/** Plays a run on simulated or recorded traffic, without a cluster: what its thresholds would do. */
export async function simulateRun(session: Session, target: RunTarget, flags: RunFlags): Promise<void> {
  checkFlags(session, flags)
  const traffic = await playedTraffic(flags, target, session.streams.now())
  const display = outputOf(session.flags.output, ['json']) === 'json' ? jsonLines : lines
  const plan = simulatedPlan(session, await planOf(flags), traffic)
  const record = await simulate({
    service: traffic.service,
    record: {
      format: 1,
      id: 'simulated',
      service: target.service ?? 'service',
      namespace: session.flags.namespace ?? 'default',
      version: traffic.version,
      stable: traffic.stable,
      plan,
      state: beginning,
      command: `kubectl canary ${session.typed.command}`,
      started: traffic.started.toISOString(),
      force: false,
    },
    report: (news, current, at) => display(session, () => at).show(news, current),
  })
  if (flags.report !== undefined) await writeReport(flags.report, record)
  session.exitCode = exitCodeOf(record.state.status)
}

/** The flags that need a real run: a simulation writes nothing, keeps no record, and asks no person and no Prometheus. */
const ofRealRuns: readonly (keyof RunFlags)[] = [
  'resume',
  'continue',
  'confirm',
  'force',
  'scrapeInterval',
  ...prometheusKeys,
]

function checkFlags(session: Session, flags: RunFlags): void {
  const typed = ofRealRuns.find(key => flags[key] !== undefined)
  const what =
    typed === undefined ? (session.flags.writing.reason === undefined ? undefined : 'reason') : kebab(typed)
  if (what === undefined) return
  throw new CanaryError('usage', `--${what} cannot be used with --simulate`, {
    hints: ['A simulation writes nothing and asks no questions; leave one of them out.'],
  })
}

/** The plan without what cannot be simulated, which a note names. */
function simulatedPlan(
  session: Session,
  plan: RolloutPlan,
  { hasDurations }: Pick<PlayedTraffic, 'hasDurations'>,
): RolloutPlan {
  const isPlayed = (metric: AnalysisMetric): boolean =>
    canBeSimulated(metric) && (hasDurations || metric.source.kind !== 'duration')
  const metrics = plan.metrics.filter(isPlayed)
  const others = plan.metrics.filter(metric => !isPlayed(metric)).map(({ name }) => name)
  if (metrics.length === 0)
    throw new CanaryError('usage', `no metric of the plan can be simulated: ${others.join(', ')}`, {
      hints: [
        hasDurations
          ? 'Traffic has request-success-rate and request-duration.'
          : 'A recording without buckets has request-success-rate alone.',
      ],
    })
  const left = [
    ...others,
    ...(plan.gates.length > 0 ? ['gates'] : []),
    ...(plan.hooks.length > 0 ? ['hooks'] : []),
    ...(plan.promote === 'confirm' ? ['the wait for a person'] : []),
  ]
  if (left.length > 0) session.noteOnce([`not simulated: ${left.join(', ')}`])
  return { ...plan, metrics, promote: 'auto' }
}
