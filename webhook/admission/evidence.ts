import { matches } from '../../shared/objects/labels.ts'
import { keyOf, type KubeObject, type Ref } from '../../shared/objects/kube-object.ts'
import { refOf } from '../../shared/objects/kinds.ts'
import type { Finding, RestsOn } from '../../shared/rules/rule.ts'
import type { Change } from '../../shared/view/change.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import { evidenceKey } from '../cache/single-flight.ts'

/**
 * The objects that a denial depends on: those that the rule names, the object that would break if it is not the
 * one in the request, and the namespaces, because nothing is refused in one that is terminating or has opted out.
 * Nothing for what the written object itself shows, such as a wrong sum of weights: API servers neither send reviews of
 * a namespace that has opted out, nor create anything in one that is terminating.
 */
export function evidenceOf({ restsOn = [], ref }: Finding, subject: Ref): readonly RestsOn[] {
  if (restsOn.length === 0 && keyOf(ref) === keyOf(subject)) return []
  const namespaces = [...new Set([subject.namespace, ref.namespace])].filter(name => name !== '')
  const all = [
    ...namespaces.map(name => ({ kind: 'Namespace' as const, namespace: '', name })),
    ref,
    ...restsOn,
  ]
  const byKey = new Map(all.map(evidence => [evidenceKey(evidence), evidence]))
  byKey.delete(evidenceKey(subject))
  return [...byKey.values()]
}

/** The changes between the view and what was just read; objects of the same resourceVersion are the same. */
export function missedChanges(
  view: ClusterView,
  evidence: RestsOn,
  read: readonly KubeObject[],
): readonly Change[] {
  const known =
    evidence.name === undefined
      ? view
          .list(evidence.kind, evidence.namespace || undefined)
          .filter(({ metadata }) => matches(evidence.labels ?? {}, metadata.labels))
      : [view.get(evidence)].filter(object => object !== undefined)
  const before = new Map<string, KubeObject>(known.map(object => [keyOf(refOf(object)), object]))
  const after = new Map(read.map(object => [keyOf(refOf(object)), object]))
  const written = [...after]
    .filter(([key, object]) => !isSameVersion(before.get(key), object))
    .map(([key, object]) => ({ before: before.get(key), after: object }))
  const deleted = [...before].filter(([key]) => !after.has(key)).map(([, object]) => ({ before: object }))
  return [...written, ...deleted]
}

const isSameVersion = (known: KubeObject | undefined, read: KubeObject): boolean =>
  known?.metadata.resourceVersion !== undefined
  && known.metadata.resourceVersion === read.metadata.resourceVersion
