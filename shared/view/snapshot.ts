import type { KubeObject, Ref } from '../objects/kube-object.ts'
import { kindOf, refOf, type Kind, type ObjectOf } from '../objects/kinds.ts'
import { derivingFor } from '../objects/unchecked.ts'
import type { ClusterView, Index } from './cluster-view.ts'
import { IndexTable } from './index-table.ts'
import { defaultMesh, type MeshSettings } from './mesh.ts'

type ByKey = Map<string, KubeObject>

export interface SnapshotOptions {
  readonly mesh?: MeshSettings
  readonly unread?: ReadonlySet<Kind>
  readonly absent?: ReadonlySet<Kind> | undefined
}

/**
 * A view that watch events update in place, O(1) each. An index is built when it is first asked, and kept up
 * to date from then on.
 */
export class LiveView implements ClusterView {
  readonly unread: ReadonlySet<Kind>
  readonly absent: ReadonlySet<Kind> | undefined
  #mesh: MeshSettings
  #version = 0
  readonly #byNamespace = new Map<Kind, Map<string, ByKey>>()
  /**
   * In the order in which they came: what has no creation time yet is as old as its place in the files says.
   */
  readonly #inOrder = new Map<Kind, Set<KubeObject>>()
  readonly #indexes = new Map<Index, IndexTable>()

  constructor({ mesh = defaultMesh, unread = new Set(), absent }: SnapshotOptions = {}) {
    this.#mesh = mesh
    this.unread = unread
    this.absent = absent
  }

  get mesh(): MeshSettings {
    return this.#mesh
  }

  get version(): number {
    return this.#version
  }

  /**
   * New mesh settings change what hosts expand to, so the indexes are built again when next asked; those of an
   * empty view stay, as there is nothing in them.
   */
  setMesh(mesh: MeshSettings): void {
    this.#mesh = mesh
    this.#version++
    for (const index of this.#indexes.keys())
      if (this.#inOrder.get(index.kind)?.size) this.#indexes.delete(index)
  }

  /** Adds or replaces an object; one of a kind that we do not read is passed over. */
  put(object: KubeObject): void {
    if (kindOf(object) === undefined) return
    const ref = refOf(object)
    this.remove(ref)
    this.#version++
    const namespaces = getOrAdd(this.#byNamespace, ref.kind, () => new Map<string, ByKey>())
    getOrAdd(namespaces, ref.namespace, () => new Map()).set(ref.name, object)
    getOrAdd(this.#inOrder, ref.kind, () => new Set()).add(object)
    this.#eachIndex(object, ref.kind, (built, key) => built.add(key, object))
  }

  remove(ref: Ref): void {
    const object = this.get(ref)
    if (object === undefined) return
    this.#version++
    const objects = this.#byNamespace.get(ref.kind)?.get(ref.namespace)
    objects?.delete(ref.name)
    this.#inOrder.get(ref.kind)?.delete(object)
    if (objects?.size === 0) this.#byNamespace.get(ref.kind)?.delete(ref.namespace)
    this.#eachIndex(object, ref.kind, (built, key) => built.delete(key, object))
  }

  /** What the keys are derived by is not kept: of a whole cluster that is many times what is ever asked again. */
  #eachIndex(object: KubeObject, kind: Kind, act: (built: IndexTable, key: string) => void): void {
    if (this.#indexes.size === 0) return
    derivingFor([object], () => {
      for (const [index, built] of this.#indexes)
        if (index.kind === kind) for (const key of index.keysOf(object, this.#mesh)) act(built, key)
    })
  }

  get<K extends Kind>({ kind, namespace, name }: Ref<K>): ObjectOf<K> | undefined {
    return this.#byNamespace.get(kind)?.get(namespace)?.get(name) as ObjectOf<K> | undefined
  }

  list<K extends Kind>(kind: K, namespace?: string): readonly ObjectOf<K>[] {
    const found =
      namespace === undefined
        ? this.#inOrder.get(kind)
        : this.#byNamespace.get(kind)?.get(namespace)?.values()
    return [...(found ?? [])] as ObjectOf<K>[]
  }

  find<K extends Kind>(index: Index<K>, key: string): readonly ObjectOf<K>[] {
    const built = getOrAdd(this.#indexes, index as unknown as Index, () => this.#build(index))
    return built.get(key) as readonly ObjectOf<K>[]
  }

  #build<K extends Kind>(index: Index<K>): IndexTable {
    const built = new IndexTable()
    for (const object of this.list(index.kind)) addTo(built, index, { object, mesh: this.#mesh })
    return built
  }
}

/** The objects as they stand. The later of two objects of one name wins, as it would in a cluster. */
export function snapshot(objects: Iterable<KubeObject>, options: SnapshotOptions = {}): LiveView {
  const view = new LiveView(options)
  for (const object of objects) view.put(object)
  return view
}

function addTo(
  built: IndexTable,
  index: Index,
  { object, mesh }: { readonly object: KubeObject; readonly mesh: MeshSettings },
): void {
  for (const key of index.keysOf(object, mesh)) built.add(key, object)
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}
