import { keyOf, namespaceOf, type KubeObject, type Ref } from '../objects/kube-object.ts'
import { isKind, refOf, type Kind, type ObjectOf } from '../objects/kinds.ts'
import { changedRef, type Change } from './change.ts'
import type { ClusterView, Index } from './cluster-view.ts'

/** The view as it would be after the changes: a thin layer, whose cost is that of the changes and not of the cluster. The last change of an object wins. */
export function overlay(view: ClusterView, changes: readonly Change[]): ClusterView {
  const after = new Map(changes.map(change => [keyOf(changedRef(change)), change.after]))
  const touched = new Set(changes.map(change => changedRef(change).kind))
  const added = [...after.values()].filter(object => object !== undefined)
  const isKept = (object: KubeObject): boolean => !after.has(keyOf(refOf(object)))
  const merge = <K extends Kind>(kind: K, below: readonly ObjectOf<K>[], wanted: (object: ObjectOf<K>) => boolean): readonly ObjectOf<K>[] =>
    touched.has(kind) ? [...below.filter(isKept), ...added.filter(object => isKind(kind, object)).filter(wanted)] : below
  return {
    mesh: view.mesh,
    unread: view.unread,
    get: <K extends Kind>(ref: Ref<K>) => after.has(keyOf(ref)) ? after.get(keyOf(ref)) as ObjectOf<K> | undefined : view.get(ref),
    list: (kind, namespace) => merge(kind, view.list(kind, namespace), object => namespace === undefined || namespaceOf(object) === namespace),
    find: <K extends Kind>(index: Index<K>, key: string) =>
      merge(index.kind, view.find(index, key), object => index.keysOf(object, view.mesh).includes(key)),
  }
}
