import { kindOf, workloadKinds, type Kind } from '../../shared/objects/kinds.ts'
import { controllerOf, type KubeObject } from '../../shared/objects/kube-object.ts'

const tellers: ReadonlySet<Kind | undefined> = new Set(workloadKinds)

// A pod keeps the hash when it loses its Deployment; other controllers than Kubernetes' own put
// `controller-revision-hash` on, so that it says too little.
const made = '!pod-template-hash,!rollouts-pod-template-hash'

/**
 * What the API server is asked to leave out, so that neither its lists nor its watches carry what is told:
 * all such EndpointSlices, and what a Deployment
 * or Rollout made. Orphans of those are left out as well; a read before a denial finds them.
 */
export const untoldSelectors: Readonly<Partial<Record<Kind, string>>> = {
  EndpointSlice: 'endpointslice.kubernetes.io/managed-by!=endpointslice-controller.k8s.io',
  ReplicaSet: made,
  Pod: made,
}

/**
 * Whether an object says nothing that its owner does not say: a Deployment's ReplicaSet and its pods, and the
 * addresses of a Service with a selector.
 * There are more of these than of all others together, and they change all the time, so that the guard does
 * not keep them.
 */
export function isTold(object: KubeObject): boolean {
  const kind = kindOf(object)
  if (kind === 'EndpointSlice')
    return (
      object.metadata.labels?.['endpointslice.kubernetes.io/managed-by'] === 'endpointslice-controller.k8s.io'
    )
  if (kind !== 'Pod' && kind !== 'ReplicaSet') return false
  const owner = controllerOf(object)
  return owner !== undefined && tellers.has(kindOf(owner))
}
