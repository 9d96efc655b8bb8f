import { fieldsOf } from '../../objects/unchecked.ts'
import { stepIndexOf, type RolloutFields } from './rollout.ts'

type MergeBody = Readonly<Record<string, unknown>>

/** The patches of an order: of the status, then of the rest; what is left out is not sent. */
export interface RolloutPatches {
  readonly status?: MergeBody
  readonly spec?: MergeBody
}

/**
 * What `kubectl argo rollouts promote` sends (pkg/kubectl-argo-rollouts/cmd/promote/promote.go, getPatches): a pause is
 * ended, or where there is none the next step is begun, never both.
 */
export function promotePatches(rollout: RolloutFields): RolloutPatches {
  const { canary, pauseConditions, isPaused, status } = rollout
  const spec = isPaused ? { spec: unpause } : {}
  const index = nextIndex(rollout)
  if (isInconclusive(rollout) && pauseConditions.length > 0 && status['controllerPause'] === true)
    return index === undefined
      ? spec
      : {
          status: { status: { pauseConditions: null, controllerPause: false, currentStepIndex: index } },
          ...spec,
        }
  if (pauseConditions.length > 0) return { status: { status: { pauseConditions: null } }, ...spec }
  if (canary === undefined || index === undefined) return spec
  return { status: { status: { pauseConditions: null, currentStepIndex: index } }, ...spec }
}

/** What `kubectl argo rollouts promote --full` sends. */
export const promoteFullPatches = ({ isPaused, isPromoted }: RolloutFields): RolloutPatches => ({
  ...(!isPromoted && { status: { status: { promoteFull: true } } }),
  ...(isPaused && { spec: unpause }),
})

/** `promote` of the same command line ends a pause by hand so; it has no `resume`. */
export const unpause: MergeBody = { spec: { paused: false } }

/** The step after the present one; undefined where there are no steps. */
function nextIndex(rollout: RolloutFields): number | undefined {
  const index = stepIndexOf(rollout)
  return index === undefined || index >= rollout.steps.length ? index : index + 1
}

const isInconclusive = ({ canary, status }: RolloutFields): boolean =>
  canary !== undefined
  && fieldsOf(fieldsOf(status['canary'])['currentStepAnalysisRunStatus'])['status'] === 'Inconclusive'
