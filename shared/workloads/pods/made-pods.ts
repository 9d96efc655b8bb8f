import { formatLabels } from '../../objects/labels.ts'
import { labelsOf } from '../../objects/unchecked.ts'
import { controllerOf, namespaceOf, type KubeObject, type Labels } from '../../objects/kube-object.ts'
import { isKind, kindOf, workloadKinds, type Kind } from '../../objects/kinds.ts'
import type { Change } from '../../view/change.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import {
  isPutOnAtRunTime,
  pairOf,
  podVariantsOf,
  workloadsByLabel,
  type PodVariant,
} from '../workload-indexes.ts'
import { isKeptBack, keepingOf, selectorOf } from './kept-pods.ts'

const makers: ReadonlySet<Kind | undefined> = new Set(workloadKinds)

/** The pods in view that a workload made, of those that a selector asks for by one of its pairs. */
export function podsMadeBy(view: ClusterView, object: KubeObject, selector: Labels): readonly KubeObject[] {
  const pair = isKind('Pod', object) ? undefined : pairOf(selector)
  return pair === undefined
    ? []
    : view.find(workloadsByLabel.Pod, `${namespaceOf(object)}/${pair}`).filter(pod => isMadeBy(pod, object))
}

/** The labels by which controllers know the pods of a ReplicaSet; its name is theirs and this value. */
const hashLabels = ['pod-template-hash', 'rollouts-pod-template-hash']

/**
 * Whether a pod is of a workload: made by itself, or by what it makes. `catalog-v2-5d8f` is of catalog-v2, and not
 * of catalog.
 */
function isMadeBy(pod: KubeObject, { kind, metadata: { name } }: KubeObject): boolean {
  const maker = controllerOf(pod)
  if (maker === undefined) return false
  if (maker.kind === 'ReplicaSet' && kind !== 'ReplicaSet')
    return hashLabels.some(label => maker.name === `${name}-${pod.metadata.labels?.[label]}`)
  if (maker.kind === 'ReplicationController' && kind === 'DeploymentConfig')
    return maker.name.startsWith(`${name}-`) && /^\d+$/.test(maker.name.slice(name.length + 1))
  return maker.kind === kind && maker.name === name
}

/**
 * What changes of workloads do to their pods in view: an update replaces them by pods with the labels of its template,
 * and with those that the template before it did not have, as what admits pods adds them again; pods that it keeps back stay
 * as they are. Pods of a workload that is deleted go with it, and those of one that is created are of an earlier one of its name.
 */
export const changesOfPods = (view: ClusterView, changes: readonly Change[]): readonly Change[] =>
  changes.flatMap(({ before, after }) => {
    const object = before ?? after
    if (object === undefined || !makers.has(kindOf(object))) return []
    const keeping = after && keepingOf(after)
    return podsMadeBy(view, object, selectorOf(object)).flatMap(pod => {
      if (before === undefined || after === undefined) return [{ before: pod }]
      if (isKeptBack(pod, keeping)) return []
      return [{ before: pod, after: relabelled(pod, labelsSaid(before), labelsSaid(after)) }]
    })
  })

/**
 * The labels of the pod that follows a pod: those that its template gave it are replaced by those of the workload's
 * template, and what admits pods adds its own again. In a rollout a pod of an earlier template says nothing of the next.
 * Undefined if none follows it. Its own labels where the view does not have what tells of the earlier template.
 */
export function labelsOfNext(view: ClusterView, pod: KubeObject): Labels | undefined {
  if (pod.metadata.deletionTimestamp !== undefined) return undefined
  const own = labelsOf(pod.metadata.labels)
  const made = templateGivenTo(view, pod)
  if (made === undefined || view.unread.has(made.kind)) return own
  const object = view.get({ kind: made.kind, namespace: namespaceOf(pod), name: made.name })
  const added = Object.entries(own).filter(([key, value]) => made.given?.[key] !== value)
  return object && { ...podVariantsOf(object)[0]?.labels, ...Object.fromEntries(added) }
}

/** The labels that stay behind a Service after an update: those of a pod that it does not replace are its own. */
export function labelsToStay(view: ClusterView, pod: KubeObject): Labels | undefined {
  if (pod.metadata.deletionTimestamp !== undefined) return undefined
  return keeperOf(view, pod) === undefined ? labelsOfNext(view, pod) : labelsOf(pod.metadata.labels)
}

/** The workload that made a pod and keeps it back. */
export function keeperOf(view: ClusterView, pod: KubeObject): KubeObject | undefined {
  const owner = controllerOf(ownerIn(view, pod, 'ReplicaSet') ?? pod)
  const kind = owner && kindOf(owner)
  const object = owner && kind && view.get({ kind, namespace: namespaceOf(pod), name: owner.name })
  return object !== undefined && isKeptBack(pod, keepingOf(object)) ? object : undefined
}

/**
 * The labels of the pods that a workload has and is to have: what its template says, and the own labels of pods in view that
 * an update keeps back. If it keeps back all, its template makes no pods.
 */
export function variantsOfPods(view: ClusterView, object: KubeObject): readonly PodVariant[] {
  const [said, keeping] = [podVariantsOf(object), keepingOf(object)]
  if (keeping === undefined) return said
  const pairs = Object.entries(selectorOf(object)).map(([key, value]) => ({ [key]: value }))
  const kept = [...new Set(pairs.flatMap(pair => podsMadeBy(view, object, pair)))]
    .filter(pod => pod.metadata.deletionTimestamp === undefined && isKeptBack(pod, keeping))
    .map(pod => lastingLabels(labelsOf(pod.metadata.labels)))
  const distinct = [...new Map(kept.map(labels => [formatLabels(labels), labels])).values()]
  const variants = distinct.map(labels => ({ labels, isKept: true }) as const)
  return keeping.isWhole && variants.length > 0 ? variants : [...said, ...variants]
}

const lastingLabels = (labels: Labels): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([key]) => !isPutOnAtRunTime(key)))

/** The workload of a pod, and the labels of its template at the time that the pod was made. */
interface GivenTemplate {
  readonly kind: Kind
  readonly name: string
  readonly given: Labels | undefined
}

function templateGivenTo(view: ClusterView, pod: KubeObject): GivenTemplate | undefined {
  const set = ownerIn(view, pod, 'ReplicaSet')
  const owner = controllerOf(set ?? pod)
  const kind = owner && kindOf(owner)
  if (kind === undefined) return undefined
  if (set !== undefined)
    return kind === 'Deployment'
      ? { kind, name: owner!.name, given: podVariantsOf(set)[0]?.labels }
      : undefined
  const revision = revisedKinds.has(kind) ? revisionOf(view, pod, owner!.name) : undefined
  return revision && { kind, name: owner!.name, given: labelsOf(revision.metadata.labels) }
}

const setKinds: ReadonlySet<Kind> = new Set(['StatefulSet', 'StatefulSet.apps.kruise.io'])
/** The kinds whose controllers keep each template in a ControllerRevision with its labels. */
const revisedKinds: ReadonlySet<Kind> = new Set([
  ...setKinds,
  'DaemonSet',
  'DaemonSet.apps.kruise.io',
  'CloneSet',
])

/** The ControllerRevision of a pod: its label has the name, or for a DaemonSet the hash at the end of the name. */
function revisionOf(view: ClusterView, pod: KubeObject, owner: string): KubeObject | undefined {
  const hash = labelsOf(pod.metadata.labels)['controller-revision-hash']
  if (hash === undefined) return undefined
  return [hash, `${owner}-${hash}`]
    .map(name => view.get({ kind: 'ControllerRevision', namespace: namespaceOf(pod), name }))
    .find(revision => revision !== undefined && controllerOf(revision)?.name === owner)
}

/** What controls an object, if that is of a kind and in view. */
function ownerIn(view: ClusterView, object: KubeObject, kind: Kind): KubeObject | undefined {
  const owner = controllerOf(object)
  return owner !== undefined && kindOf(owner) === kind
    ? view.get({ kind, namespace: namespaceOf(object), name: owner.name })
    : undefined
}

/** The values of each label that a workload gives its pods; several where it labels its parts apart. */
type LabelsSaid = ReadonlyMap<string, ReadonlySet<string>>

const labelsSaid = (object: KubeObject): LabelsSaid => {
  const all = podVariantsOf(object).flatMap(({ labels }) => Object.entries(labels))
  return new Map(
    [...Map.groupBy(all, ([key]) => key)].map(([key, entries]) => [
      key,
      new Set(entries.map(([, value]) => value)),
    ]),
  )
}

function relabelled(pod: KubeObject, before: LabelsSaid, after: LabelsSaid): KubeObject {
  const kept = Object.entries(labelsOf(pod.metadata.labels)).filter(
    ([key]) => !before.has(key) || after.has(key),
  )
  const said = [...after].flatMap(([key, [value, ...others]]) =>
    value === undefined || others.length > 0 ? [] : [[key, value] as const],
  )
  return {
    ...pod,
    metadata: { ...pod.metadata, labels: { ...Object.fromEntries(kept), ...Object.fromEntries(said) } },
  }
}
