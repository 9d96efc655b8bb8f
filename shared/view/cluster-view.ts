import { keyOf, type KubeObject, type Ref } from '../objects/kube-object.ts'
import type { Kind, ObjectOf } from '../objects/kinds.ts'
import type { MeshSettings } from './mesh.ts'

/** A question that a view answers without a scan: which objects of a kind carry this key. */
export interface Index<K extends Kind = Kind> {
  readonly kind: K
  keysOf(object: ObjectOf<K>, mesh: MeshSettings): readonly string[]
}

/** What may be asked of a cluster: read-only and synchronous, so that rules never await. */
export interface ClusterView {
  readonly mesh: MeshSettings
  /** Kinds that could not be read (no permission): nothing may be concluded from their absence. */
  readonly unread: ReadonlySet<Kind>
  /** Kinds that the API server does not serve; left out where that is not known, as of files. */
  readonly absent?: ReadonlySet<Kind> | undefined
  /** Another number after each change, for a view that changes; without one, nothing tells. */
  readonly version?: number
  /** What the objects were that the changes laid over it change or delete, by their keys. */
  readonly former?: ReadonlyMap<string, KubeObject>
  get<K extends Kind>(ref: Ref<K>): ObjectOf<K> | undefined
  list<K extends Kind>(kind: K, namespace?: string): readonly ObjectOf<K>[]
  find<K extends Kind>(index: Index<K>, key: string): readonly ObjectOf<K>[]
}

/** What an object was before the changes that are laid over a view; undefined if they do not change or delete it. */
export const formerly = <K extends Kind>(view: ClusterView, ref: Ref<K>): ObjectOf<K> | undefined =>
  view.former?.get(keyOf(ref)) as ObjectOf<K> | undefined
