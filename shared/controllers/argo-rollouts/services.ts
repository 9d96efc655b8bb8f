import { namespaceOf, type KubeObject } from '../../objects/kube-object.ts'
import type { PlacedName } from '../../routing/controller.ts'
import { rolloutFields, servicesNamed } from './rollout.ts'

/** The Services that a Rollout names, the one that gets what is stable first. */
export function servicesOf(rollout: KubeObject): readonly PlacedName[] {
  const { canary, stable, others } = servicesNamed(rolloutFields(rollout))
  return [...stable, ...canary, ...others].map(name => ({ namespace: namespaceOf(rollout), name }))
}
