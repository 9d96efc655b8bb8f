import { kindOf, workloadKinds, type Kind } from '../../shared/objects/kinds.ts'
import { controllerOf, type KubeObject } from '../../shared/objects/kube-object.ts'

const describingOwners: ReadonlySet<Kind | undefined> = new Set(workloadKinds)

// A pod keeps the hash when it loses its Deployment. `controller-revision-hash` is not used here, because third-party
// controllers set it too.
const notFromTemplate = '!pod-template-hash,!rollouts-pod-template-hash'

/**
 * Label selectors that keep derivable objects out of lists and watches: such EndpointSlices, and what a Deployment
 * or Rollout created. They also exclude orphans of a Deployment; a read before a denial finds those.
 */
export const notDerivableSelectors: Readonly<Partial<Record<Kind, string>>> = {
  EndpointSlice: 'endpointslice.kubernetes.io/managed-by!=endpointslice-controller.k8s.io',
  ReplicaSet: notFromTemplate,
  Pod: notFromTemplate,
}

/**
 * Whether all that rules read of an object can be derived from its owner: of a Deployment's ReplicaSet and pods, of
 * a DeploymentConfig's ReplicationController,
 * and of the EndpointSlices of a Service with a selector. Such objects are the most numerous and change all the
 * time, so the guard does not keep them.
 */
export function isDerivable(object: KubeObject): boolean {
  const kind = kindOf(object)
  if (kind === 'EndpointSlice')
    return (
      object.metadata.labels?.['endpointslice.kubernetes.io/managed-by'] === 'endpointslice-controller.k8s.io'
    )
  if (kind !== 'Pod' && kind !== 'ReplicaSet' && kind !== 'ReplicationController') return false
  const owner = controllerOf(object)
  return owner !== undefined && describingOwners.has(kindOf(owner))
}
