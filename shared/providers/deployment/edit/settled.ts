import type { Workload } from '../../../objects/core.ts'
import { isKind } from '../../../objects/kinds.ts'
import type { Change } from '../../../view/change.ts'
import { replicasOf } from './pods-wanted.ts'

/** A Deployment with other replicas as it will be once its pods are ready; other changes as they are. */
export function settled(change: Change): Change {
  const { before, after } = change
  if (
    before === undefined
    || after === undefined
    || !isKind('Deployment', after)
    || !isKind('Deployment', before)
  )
    return change
  const replicas = replicasOf(after)
  if (replicas === replicasOf(before)) return change
  const status = { ...after.status, replicas, readyReplicas: replicas }
  return { before, after: { ...after, status } as Workload }
}
