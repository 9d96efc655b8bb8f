import { providers as allProviders } from '../../../shared/providers/providers.ts'
import type { RolloutRecord } from '../../../shared/rollout/rollout-record.ts'
import { merged, type Change } from '../../../shared/view/change.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import type { ReadyIntent } from '../../edit/intent.ts'
import { planIntent } from '../../edit/plan-intent.ts'
import type { CommandReading } from '../../read/read-for-command.ts'
import { intentsOf } from '../intents.ts'
import type { RouteStep } from '../rollout-ports.ts'
import type { RunWorld } from '../routes.ts'

/**
 * All changes that a run can make: each step, the way back from each of them, and the promotion. Too few ready pods do not
 * matter, for they may come. Throws a CanaryError where a step cannot be planned.
 */
export function changesOf(
  { providers = allProviders }: Pick<RunWorld, 'providers'>,
  { view, target }: Pick<CommandReading, 'view' | 'target'>,
  given: RolloutRecord,
): readonly Change[] {
  const changes: Change[] = []
  const played = (from: ClusterView, record: RolloutRecord, step: RouteStep): ClusterView => {
    let now = from
    for (const intent of intentsOf(record, step)) {
      const plan = planIntent({ view: now, target }, intent as ReadyIntent, providers)
      changes.push(...plan.changes)
      now = overlay(now, merged(plan.changes))
    }
    return now
  }
  let now = view
  for (const stage of given.plan.stages.keys()) {
    const record = { ...given, force: true, state: { ...given.state, stage } }
    now = played(now, record, 'stage')
    played(now, record, 'rollback')
    if (stage === given.plan.stages.length - 1) played(now, record, 'promotion')
  }
  return changes
}
