import { fileKinds, type Kind } from '../../objects/kinds.ts'
import { namespaceOf, type KubeObject, type Labels } from '../../objects/kube-object.ts'
import type { HostProvider } from '../../providers/istio/resolve/objects/providers.ts'
import { backingKinds, isPutOnAtRunTime } from '../../workloads/workload-indexes.ts'
import { keepingOf, selectorOf, selectorOfReleased } from '../../workloads/pods/kept-pods.ts'
import { changedRef, type Change } from '../../view/change.ts'
import type { RestsOn } from '../rule.ts'

/** The kinds that tell which labels a pod has from its template. */
export const templateKinds = ['ReplicaSet', 'ControllerRevision'] as const satisfies readonly Kind[]

/** Label values that an API server takes in a selector. */
const plainLabel = /^[\w./-]*$/

/**
 * The workloads of a Service; of pods those that a selector with these labels would select, whoever made them and added
 * labels, and the ReplicaSets and ControllerRevisions of the Service, which tell what was added. Where the
 * Service asks for another value of a label, no pod has both: those of the Service are enough.
 */
export function workloadsOf({ selector, namespace }: HostProvider, labels: Labels): readonly RestsOn[] {
  const [own, asked] = [ownPairs({ ...selector }), ownPairs({ ...labels, ...selector })]
  const isPlain = selector !== undefined && isPlainText({ ...own, ...asked })
  return [
    // Before the pods: evidence is read in rounds, and pods without them would seem to be of the template.
    ...(isPlain ? templateKinds.map(kind => ({ kind, namespace, labels: own })) : []),
    ...backingKinds
      .filter(kind => !fileKinds.has(kind))
      .map((kind): RestsOn => ({ kind, namespace, ...(kind === 'Pod' && isPlain ? { labels: asked } : {}) })),
  ]
}

/** The pods that a workload keeps back and that a change releases, with what tells their templates. */
export function releasedBy(change: Change): readonly RestsOn[] {
  const labels = selectorOfReleased(change)
  const namespace = changedRef(change).namespace
  return labels === undefined || !isPlainText(labels)
    ? []
    : [...templateKinds, 'Pod' as const].map(kind => ({ kind, namespace, labels }))
}

/**
 * The pods of a workload, whoever made them; where their next ones are of its template, with what tells which labels they
 * have of the one before.
 */
export function podsOf(object: KubeObject): readonly RestsOn[] {
  const labels = selectorOf(object)
  const kinds = [...(keepingOf(object)?.isUntilDeleted === true ? templateKinds : []), 'Pod' as const]
  return Object.keys(labels).length > 0 && isPlainText(labels)
    ? kinds.map(kind => ({ kind, namespace: namespaceOf(object), labels }))
    : []
}

const ownPairs = (labels: Labels): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([key]) => !isPutOnAtRunTime(key)))

const isPlainText = (labels: Labels): boolean =>
  Object.entries(labels)
    .flat()
    .every(word => plainLabel.test(word))
