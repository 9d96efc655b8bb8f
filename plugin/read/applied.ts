import type { KubeObject } from '../../shared/objects/kube-object.ts'
import type { Change } from '../../shared/view/change.ts'

/**
 * An object as it will be once its file is applied. Its age, owners and status stay as they are in the cluster:
 * of several routes for one host the oldest wins.
 */
export function applied(before: KubeObject | undefined, { metadata, ...rest }: KubeObject): Change {
  if (before === undefined) return { after: { ...rest, metadata } }
  const { creationTimestamp, ownerReferences } = before.metadata
  const status: unknown = Reflect.get(before, 'status')
  const kept = {
    ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    ...(ownerReferences === undefined ? {} : { ownerReferences }),
  }
  return {
    before,
    after: { ...rest, ...(status === undefined ? {} : { status }), metadata: { ...metadata, ...kept } },
  }
}
