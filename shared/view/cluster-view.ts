import type { Ref } from '../objects/kube-object.ts'
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
  get<K extends Kind>(ref: Ref<K>): ObjectOf<K> | undefined
  list<K extends Kind>(kind: K, namespace?: string): readonly ObjectOf<K>[]
  find<K extends Kind>(index: Index<K>, key: string): readonly ObjectOf<K>[]
}
