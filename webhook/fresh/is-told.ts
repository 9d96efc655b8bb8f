import { kindOf, type Kind } from '../../shared/objects/kinds.ts'
import { controllerOf, type KubeObject } from '../../shared/objects/kube-object.ts'

const tellers: ReadonlySet<Kind | undefined> = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Rollout'])

/**
 * Whether an object says nothing that its owner does not say: a Deployment's ReplicaSet and its pods, and the addresses of a Service with a selector.
 * There are more of these than of all others together, and they change all the time, so that the guard does not keep them.
 */
export function isTold(object: KubeObject): boolean {
  const kind = kindOf(object)
  if (kind === 'EndpointSlice') return object.metadata.labels?.['endpointslice.kubernetes.io/managed-by'] === 'endpointslice-controller.k8s.io'
  if (kind !== 'Pod' && kind !== 'ReplicaSet') return false
  const owner = controllerOf(object)
  return owner !== undefined && tellers.has(kindOf(owner))
}
