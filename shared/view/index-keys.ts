import type { KubeObject } from '../objects/kube-object.ts'
import { derivedOnce, namesOf } from '../objects/unchecked.ts'
import type { Index } from './cluster-view.ts'
import type { MeshSettings } from './mesh.ts'

interface KeysByIndex {
  readonly mesh: MeshSettings
  readonly known: Map<Index, IndexKeys>
}

/** The keys of an object in an index, to look one up or to go through them. */
interface IndexKeys {
  readonly names: ReadonlySet<string>
  readonly list: readonly string[]
}

const inMesh = derivedOnce((_: KubeObject): { current: KeysByIndex | undefined } => ({ current: undefined }))
/** An object with the same keys, of which they may be known. */
const alike = new WeakMap<KubeObject, KubeObject>()

/** The keys of an object in an index, derived once for each as long as the mesh's settings are the same. */
export function indexKeysOf(index: Index, object: KubeObject, mesh: MeshSettings): IndexKeys {
  const ofObject = inMesh(alike.get(object) ?? object)
  if (ofObject.current?.mesh !== mesh) ofObject.current = { mesh, known: new Map() }
  const { known } = ofObject.current
  let keys = known.get(index)
  if (keys === undefined) {
    const list = index.keysOf(object, mesh)
    known.set(index, (keys = { list, names: namesOf(list) }))
  }
  return keys
}

/** Notes that an object has the keys of another one in every index, so that they are not derived again. */
export function haveSameKeys(object: KubeObject | undefined, known: KubeObject | undefined): void {
  if (object !== undefined && known !== undefined && object !== known)
    alike.set(object, alike.get(known) ?? known)
}
