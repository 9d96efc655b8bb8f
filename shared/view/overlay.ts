import { keyOf, namespaceOf, type KubeObject, type Ref } from '../objects/kube-object.ts'
import { refOf, type Kind, type ObjectOf } from '../objects/kinds.ts'
import { changedRef, type Change } from './change.ts'
import type { ClusterView, Index } from './cluster-view.ts'
import { indexKeysOf } from './index-table.ts'

interface Layer {
  /** What each object below is after its change; undefined where the change deletes it. */
  readonly replaced: ReadonlyMap<KubeObject, KubeObject | undefined>
  /** The objects that were not there. */
  readonly added: readonly KubeObject[]
}

/**
 * The view as it would be after the changes: a thin layer, whose cost is that of the changes and not of the
 * cluster. The last change of an object
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
  const merge = <K extends Kind>(
    kind: K,
    below: readonly ObjectOf<K>[],
    isWanted: (object: KubeObject) => boolean,
  ): readonly ObjectOf<K>[] => {
    const layer = layers.get(kind)
    return layer === undefined ? below : (layOver(layer, below, isWanted) as readonly ObjectOf<K>[])
  }
  return {
    mesh: view.mesh,
    unread: view.unread,
    absent: view.absent,
    former: formerOf(view, changes),
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
      merge(index.kind, view.find(index, key), object =>
        indexKeysOf(index as unknown as Index, object, view.mesh).has(key),
      ),
  }
}

/** By the first change of each object, of a layer below before those of this one. */
const formerOf = (view: ClusterView, changes: readonly Change[]): ReadonlyMap<string, KubeObject> =>
  new Map([
    ...changes
      .flatMap(({ before }) => (before === undefined ? [] : [[keyOf(refOf(before)), before] as const]))
      .toReversed(),
    ...(view.former ?? []),
  ])

/** An answer of the view below, as the layer changes it. */
function layOver(
  { replaced, added }: Layer,
  below: readonly KubeObject[],
  isWanted: (object: KubeObject) => boolean,
): readonly KubeObject[] {
  const now = (object: KubeObject | undefined): readonly KubeObject[] =>
    object !== undefined && isWanted(object) ? [object] : []
  const kept = below.some(object => replaced.has(object))
    ? below.flatMap(object => (replaced.has(object) ? now(replaced.get(object)) : [object]))
    : below
  // An object that was no answer before its change may be one after it.
  const moved = [...replaced].flatMap(([before, object]) => (below.includes(before) ? [] : now(object)))
  const fresh = [...moved, ...added.filter(isWanted)]
  return fresh.length === 0 ? kept : [...kept, ...fresh]
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
