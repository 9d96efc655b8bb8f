import type { Intent } from '../edit/intent.ts'
import type { RolloutRecord } from '../../shared/rollout/rollout-record.ts'
import type { RouteStep } from './rollout-ports.ts'

/** The edits that bring the routes to a step of a run, in order; each changes nothing where it was made already. */
export function intentsOf(record: RolloutRecord, step: RouteStep): readonly Intent[] {
  const { service, version, stable, force } = record
  if (step === 'rollback') return [{ kind: 'abort', service, stable, force }]
  if (step === 'promotion') return [{ kind: 'promote', service, version, force }]
  const { stages } = record.plan
  const wasMirrored = stages[record.state.stage - 1]?.kind === 'mirror'
  return [
    ...(wasMirrored ? [{ kind: 'set-mirrors', service, mirrors: new Map(), stable, force } as const] : []),
    stageIntent(record),
  ]
}

function stageIntent({
  service,
  version,
  stable,
  force,
  plan,
  state,
  started,
  reason,
}: RolloutRecord): Intent {
  const stage = plan.stages[state.stage]!
  switch (stage.kind) {
    case 'mirror':
      return { kind: 'set-mirrors', service, mirrors: new Map([[version, stage.percent]]), stable, force }
    case 'weight':
      return { kind: 'set-weights', service, weights: new Map([[version, stage.percent]]), stable, force }
    case 'cohort':
      return {
        kind: 'set-cohort',
        service,
        name: plan.cohort!.name,
        to: version,
        ...(stage.percent < 100 && { share: stage.percent }),
        conditions: plan.cohort!.conditions,
        since: started,
        ...(reason !== undefined && { reason }),
        stable,
        force,
      }
  }
}
