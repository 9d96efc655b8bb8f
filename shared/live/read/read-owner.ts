import type { KubeObject } from '../../objects/kube-object.ts'
import { itemsOf } from '../../objects/unchecked.ts'
import type { OwnerRef } from '../../view/store.ts'
import { resourcePath } from '../api-path.ts'
import type { VersionedConnection } from '../served-versions.ts'

/**
 * One object of a tool such as Argo CD, in the first version that is served. Undefined where it is not there, may not be
 * read or is not unique. Throws a CanaryError where no answer comes.
 */
export async function readOwner(
  { connection, signal }: VersionedConnection,
  ref: OwnerRef,
): Promise<KubeObject | undefined> {
  const ask = async (version: string, scope: { readonly namespace?: string; readonly name?: string }) => {
    const query = scope.name === undefined ? { fieldSelector: `metadata.name=${ref.name}` } : {}
    const answer = await connection.request({
      path: resourcePath({ ...ref, version, namespaced: true }, scope),
      query,
      ...(signal && { signal }),
    })
    return answer.status === 200 ? answer.json() : undefined
  }
  for (const version of ref.versions) {
    const found = await ask(version, ref)
    if (found !== undefined) return found as KubeObject
  }
  if (ref.orElsewhere !== true) return undefined
  const list = await ask(ref.versions[0]!, {})
  const [only, ...others] = itemsOf((list as { readonly items?: unknown } | undefined)?.items)
  return others.length > 0 ? undefined : (only as KubeObject | undefined)
}
