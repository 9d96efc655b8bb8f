import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { RolloutPlan } from '../../../shared/rollout/rollout-plan.ts'
import { beginning } from '../../../shared/rollout/rollout-state.ts'
import { canBeSimulated, simulate } from '../../run/simulate.ts'
import { parseSimulation } from '../../words/rollout/simulated-traffic.ts'
import type { Session } from '../../session.ts'
import { outputOf } from '../output.ts'
import { jsonLines, lines } from './display/displays.ts'
import { exitCodeOf } from './exit-code.ts'
import { planOf, type RunFlags } from './run-flags.ts'
import { writeReport } from './write-report.ts'
import type { RunTarget } from './checked-run.ts'

/** Plays a run on made-up traffic, without a cluster: what its thresholds would do. */
export async function simulateRun(
  session: Session,
  { service, version }: RunTarget,
  flags: RunFlags,
): Promise<void> {
  const traffic = parseSimulation(flags.simulate!)
  const display = outputOf(session.flags.output, ['json']) === 'json' ? jsonLines : lines
  const plan = simulatedPlan(session, await planOf(flags))
  const started = session.streams.now()
  const record = await simulate({
    traffic,
    record: {
      format: 1,
      id: 'simulated',
      service: service ?? 'service',
      namespace: session.flags.namespace ?? 'default',
      version: version ?? 'v2',
      stable: flags.stable ?? 'stable',
      plan,
      state: beginning,
      command: `kubectl canary ${session.typed.command}`,
      started: started.toISOString(),
      force: false,
    },
    report: (news, current, at) => display(session, () => at).show(news, current),
  })
  if (flags.report !== undefined) await writeReport(flags.report, record)
  session.exitCode = exitCodeOf(record.state.status)
}

/** The plan with what can be played of it. */
function simulatedPlan(session: Session, plan: RolloutPlan): RolloutPlan {
  const metrics = plan.metrics.filter(canBeSimulated)
  const others = plan.metrics.filter(metric => !canBeSimulated(metric)).map(({ name }) => name)
  if (metrics.length === 0)
    throw new CanaryError('usage', `no metric of the plan can be simulated: ${others.join(', ')}`, {
      hints: ['Made-up traffic has request-success-rate and request-duration.'],
    })
  if (others.length > 0) session.noteOnce([`not simulated: ${others.join(', ')}`])
  return { ...plan, metrics, promote: 'auto' }
}
