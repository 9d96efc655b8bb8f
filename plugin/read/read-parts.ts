import { apiKindOf, resources } from '../../shared/objects/kinds.ts'
import { namespaceOf, type KubeObject } from '../../shared/objects/kube-object.ts'
import { fieldsOf, itemsOf } from '../../shared/objects/unchecked.ts'
import type { ControlledRollout } from '../../shared/routing/controller.ts'
import type { Store } from '../../shared/view/store.ts'

/**
 * What controllers have made for rollouts and a view does not hold, as far as it may be read: the ReplicaSets of
 * Rollouts. One request for each namespace and kind; none on files.
 */
export async function readParts(
  store: Pick<Store, 'request'>,
  rollouts: readonly Pick<ControlledRollout, 'controller' | 'object'>[],
): Promise<readonly KubeObject[]> {
  const asked = new Map(
    rollouts.flatMap(({ controller, object }) => {
      const parts = controller.partsOf?.(object)
      if (parts === undefined) return []
      const { group, plural, versions } = resources[parts.kind]
      const apiVersion = `${group}/${versions[0]}`
      const path = `/apis/${apiVersion}/namespaces/${namespaceOf(object)}/${plural}`
      const type = { apiVersion, kind: apiKindOf(parts.kind) }
      return [[`${path} ${parts.labelSelector}`, { ...parts, path, type }] as const]
    }),
  )
  const found = await Promise.all(
    [...asked.values()].map(async ({ type, path, labelSelector }) => {
      const answer = await store.request?.({ path, query: { labelSelector } })
      if (answer?.status !== 200) return []
      const { items } = fieldsOf(JSON.parse(answer.text))
      return itemsOf(items).map(item => ({ ...type, ...fieldsOf(item) }) as unknown as KubeObject)
    }),
  )
  return found.flat()
}
