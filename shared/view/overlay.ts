import { keyOf, namespaceOf, type KubeObject, type Ref } from '../objects/kube-object.ts'
import type { Kind, ObjectOf } from '../objects/kinds.ts'
import { changedRef, type Change } from './change.ts'
import type { ClusterView, Index } from './cluster-view.ts'

interface Layer {
  /** The objects below that the changes replace or take away, by what becomes of them. */
  readonly replaced: ReadonlyMap<KubeObject, KubeObject | undefined>
  /** The objects that were not there. */
  readonly added: readonly KubeObject[]
}

/**
 * The view as it would be after the changes: a thin layer, whose cost is that of the changes and not of the cluster. The last change of an object
 * wins; an object that changes keeps its place, a new one comes last.
 */
export function overlay(view: ClusterView, changes: readonly Change[]): ClusterView {
  const after = new Map(
    changes.map(change => [keyOf(changedRef(change)), { ref: changedRef(change), object: change.after }]),
  )
  const layers = new Map(
    [...Map.groupBy(after.values(), ({ ref }) => ref.kind)].map(([kind, parts]) => [
      kind,
      layerOf(view, parts),
    ]),
  )
  const keys = new Map<Index, Map<KubeObject, ReadonlySet<string>>>()
  const keysOf = (index: Index, object: KubeObject): ReadonlySet<string> => {
    const known = keys.get(index) ?? new Map<KubeObject, ReadonlySet<string>>()
    keys.set(index, known)
    const found = known.get(object) ?? new Set(index.keysOf(object as never, view.mesh))
    known.set(object, found)
    return found
  }
  const merge = <K extends Kind>(
    kind: K,
    below: readonly ObjectOf<K>[],
    wanted: (object: KubeObject) => boolean,
  ): readonly ObjectOf<K>[] => {
    const layer = layers.get(kind)
    if (layer === undefined) return below
    const now = (object: KubeObject | undefined): readonly KubeObject[] =>
      object !== undefined && wanted(object) ? [object] : []
    const isTouched = below.some(object => layer.replaced.has(object))
    const kept = isTouched
      ? below.flatMap(object => (layer.replaced.has(object) ? now(layer.replaced.get(object)) : [object]))
      : below
    // What had not the key before may have it now.
    const moved = [...layer.replaced].flatMap(([before, object]) =>
      below.includes(before as ObjectOf<K>) ? [] : now(object),
    )
    const fresh = [...moved, ...layer.added.filter(wanted)]
    return (fresh.length === 0 ? kept : [...kept, ...fresh]) as readonly ObjectOf<K>[]
  }
  return {
    mesh: view.mesh,
    unread: view.unread,
    get: <K extends Kind>(ref: Ref<K>) => {
      const changed = layers.has(ref.kind) ? after.get(keyOf(ref)) : undefined
      return changed === undefined ? view.get(ref) : (changed.object as ObjectOf<K> | undefined)
    },
    list: (kind, namespace) =>
      merge(
        kind,
        view.list(kind, namespace),
        object => namespace === undefined || namespaceOf(object) === namespace,
      ),
    find: <K extends Kind>(index: Index<K>, key: string) =>
      merge(index.kind, view.find(index, key), object => keysOf(index as unknown as Index, object).has(key)),
  }
}

function layerOf(
  view: ClusterView,
  parts: readonly { readonly ref: Ref; readonly object: KubeObject | undefined }[],
): Layer {
  const found = parts.map(({ ref, object }) => ({ below: view.get(ref), object }))
  return {
    replaced: new Map(found.flatMap(({ below, object }) => (below === undefined ? [] : [[below, object]]))),
    added: found.flatMap(({ below, object }) =>
      below === undefined && object !== undefined ? [object] : [],
    ),
  }
}
