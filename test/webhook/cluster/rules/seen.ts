import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import { refOf } from '../../../../shared/objects/kinds.ts'
import { until } from '../../../cluster/cluster.ts'
import type { Guarded } from '../guarded.ts'

/** Waits until the guard's watches have brought objects that were made: what it has not seen it can neither refuse nor warn of. */
export async function seen({ guard: { cache } }: Guarded, objects: readonly KubeObject[]): Promise<void> {
  for (const object of objects)
    await until(
      `the guard has seen ${object.kind} ${object.metadata.name}`,
      async () => cache.view.get(refOf(object)) !== undefined,
    )
}
