import { keyOf, type KubeObject, type Ref } from '../../shared/objects/kube-object.ts'
import { refOf } from '../../shared/objects/kinds.ts'
import type { Finding, RestsOn } from '../../shared/rules/rule.ts'
import type { Change } from '../../shared/view/change.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'

/**
 * What a denial rests on, besides the objects that the rule names: the object that would break, if it is not
 * the one in the request, and the
 * namespaces, as one that is being terminated or has opted out refuses nothing.
 */
export function restingOf({ restsOn = [], ref }: Finding, subject: Ref): readonly RestsOn[] {
  const namespaces = [...new Set([subject.namespace, ref.namespace])].filter(name => name !== '')
  const all = [
    ...namespaces.map(name => ({ kind: 'Namespace' as const, namespace: '', name })),
    ref,
    ...restsOn,
  ]
  const byKey = new Map(all.map(resting => [restingKey(resting), resting]))
  byKey.delete(restingKey(subject))
  return [...byKey.values()]
}

/** A name for what is read: an object, or all objects of a kind in a namespace. */
export const restingKey = (resting: RestsOn): string =>
  resting.name === undefined ? `${resting.kind} ${resting.namespace}/*` : keyOf(resting)

/**
 * How the view differs from what was just read: present, absent or changed. Objects of the same
 * resourceVersion are the same.
 */
export function freshChanges(
  view: ClusterView,
  resting: RestsOn,
  read: readonly KubeObject[],
): readonly Change[] {
  const known =
    resting.name === undefined
      ? view.list(resting.kind, resting.namespace || undefined)
      : [view.get(resting)].filter(object => object !== undefined)
  const before = new Map<string, KubeObject>(known.map(object => [keyOf(refOf(object)), object]))
  const after = new Map(read.map(object => [keyOf(refOf(object)), object]))
  const changed = [...after]
    .filter(([key, object]) => !isSame(before.get(key), object))
    .map(([key, object]) => ({ before: before.get(key), after: object }))
  const gone = [...before].filter(([key]) => !after.has(key)).map(([, object]) => ({ before: object }))
  return [...changed, ...gone]
}

const isSame = (known: KubeObject | undefined, read: KubeObject): boolean =>
  known?.metadata.resourceVersion !== undefined
  && known.metadata.resourceVersion === read.metadata.resourceVersion
