import { escaped } from '../../../shared/objects/text/escaped.ts'
import { serviceWord } from '../../../shared/objects/text/kubectl-commands.ts'
import type { DeploymentRollout } from '../../../shared/workloads/deployment-rollouts.ts'

/** How far a rollout is: `1 of 3 pods updated, 2 old, 3 ready`. */
export const formatRolloutPods = ({ updated, wanted, old, ready }: DeploymentRollout): string =>
  [`${updated} of ${wanted} pods updated`, ...(old > 0 ? [`${old} old`] : []), `${ready} ready`].join(', ')

/** A rollout in progress in a line: `rollout of Deployment hello: 1 of 3 pods updated, 2 old, 3 ready, paused`. */
export function formatRollout(
  rollout: DeploymentRollout,
  { service, namespace }: { readonly service: string; readonly namespace: string },
): string {
  const { deployment, paused, stuck } = rollout
  const parts = [
    `rollout of Deployment ${deployment}: ${formatRolloutPods(rollout)}`,
    ...(stuck ? ['no progress within its deadline'] : []),
    ...(paused ? [`paused; to continue: kubectl canary resume ${serviceWord(service)} -n ${namespace}`] : []),
  ]
  return escaped(parts.join(', '))
}
