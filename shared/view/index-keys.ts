import type { KubeObject } from '../objects/kube-object.ts'
import { derivedOnce } from '../objects/unchecked.ts'
import type { Index } from './cluster-view.ts'
import type { MeshSettings } from './mesh.ts'

interface KeysByIndex {
  readonly mesh: MeshSettings
  readonly known: Map<Index, ReadonlySet<string>>
}

const inMesh = derivedOnce((_: KubeObject): { current: KeysByIndex | undefined } => ({ current: undefined }))

/** The keys of an object in an index, derived once for each as long as the mesh's settings are the same. */
export function indexKeysOf(index: Index, object: KubeObject, mesh: MeshSettings): ReadonlySet<string> {
  const ofObject = inMesh(object)
  if (ofObject.current?.mesh !== mesh) ofObject.current = { mesh, known: new Map() }
  const { known } = ofObject.current
  let keys = known.get(index)
  if (keys === undefined) known.set(index, (keys = new Set(index.keysOf(object, mesh))))
  return keys
}
