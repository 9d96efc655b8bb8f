import { ownerKey, type Owners } from '../../shared/plan/managers/applying-tool.ts'
import { ownersOf } from '../../shared/plan/managers/managers.ts'
import type { Change } from '../../shared/view/change.ts'
import type { Store } from '../../shared/view/store.ts'

/**
 * What Argo CD and Flux say of the objects that are to be changed, as far as it can be read. Nothing is asked where no
 * object has their mark.
 */
export async function readOwners(store: Store, changes: readonly Change[]): Promise<Owners> {
  const found = await Promise.all(
    ownersOf(changes).map(async ref => {
      const owner = await store.readOwner?.(ref)
      return owner === undefined ? [] : [[ownerKey(ref), owner] as const]
    }),
  )
  return new Map(found.flat())
}
