import { kindOf } from '../objects/kinds.ts'
import { controllerOf, namespaceOf, type KubeObject } from '../objects/kube-object.ts'
import { fieldsOf } from '../objects/unchecked.ts'
import type { ClusterView } from '../view/cluster-view.ts'

/**
 * Whether the controller that owns an object leaves it as it is for now: a Canary of Flagger with `spec.suspend`
 * (https://docs.flagger.app/usage/how-it-works#canary-resource). Not known of one that is not in view.
 */
export function isReleased(view: ClusterView, object: KubeObject): boolean {
  const owner = controllerOf(object)
  if (owner === undefined || kindOf(owner) !== 'Canary') return false
  const canary = view.get({ kind: 'Canary', namespace: namespaceOf(object), name: owner.name })
  return canary !== undefined && fieldsOf(canary.spec)['suspend'] === true
}
