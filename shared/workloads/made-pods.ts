import { fieldsOf, labelsOf } from '../objects/unchecked.ts'
import { controllerOf, namespaceOf, type KubeObject, type Labels } from '../objects/kube-object.ts'
import { isKind, kindOf, workloadKinds, type Kind } from '../objects/kinds.ts'
import type { Change } from '../view/change.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { pairOf, podVariantsOf, workloadsByLabel } from './workload-indexes.ts'

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
 * and with those that the template before it did not have, as what admits pods adds them again. Pods of a workload that is
 * deleted go with it, and those of one that is created are of an earlier one of its name.
 */
export const changesOfPods = (view: ClusterView, changes: readonly Change[]): readonly Change[] =>
  changes.flatMap(({ before, after }) => {
    const object = before ?? after
    if (object === undefined || !makers.has(kindOf(object))) return []
    return podsMadeBy(view, object, selectorOf(object)).flatMap(pod => {
      if (before === undefined || after === undefined) return [{ before: pod }]
      return [{ before: pod, after: relabelled(pod, labelsSaid(before), labelsSaid(after)) }]
    })
  })

/**
 * The labels of the pod that follows a pod: those that its ReplicaSet gave it are replaced by those of the Deployment's
 * template, and what admits pods adds its own again. In a rollout a pod of an earlier template says nothing of the next.
 * Undefined if none follows it. Its own labels where its ReplicaSet is not in view.
 */
export function labelsOfNext(view: ClusterView, pod: KubeObject): Labels | undefined {
  if (pod.metadata.deletionTimestamp !== undefined) return undefined
  const set = ownerIn(view, pod, 'ReplicaSet')
  const owner = set === undefined ? undefined : controllerOf(set)
  if (
    set === undefined
    || owner === undefined
    || kindOf(owner) !== 'Deployment'
    || view.unread.has('Deployment')
  )
    return labelsOf(pod.metadata.labels)
  const object = ownerIn(view, set, 'Deployment')
  const [given, next] = [set, object].map(each => each && podVariantsOf(each)[0]?.labels)
  const added = Object.entries(labelsOf(pod.metadata.labels)).filter(([key, value]) => given?.[key] !== value)
  return object === undefined ? undefined : { ...next, ...Object.fromEntries(added) }
}

/** What controls an object, if that is of a kind and in view. */
function ownerIn(view: ClusterView, object: KubeObject, kind: Kind): KubeObject | undefined {
  const owner = controllerOf(object)
  return owner !== undefined && kindOf(owner) === kind
    ? view.get({ kind, namespace: namespaceOf(object), name: owner.name })
    : undefined
}

/** What all pods of a workload have, also those of an earlier template. */
function selectorOf(object: KubeObject): Labels {
  const { matchLabels } = fieldsOf(fieldsOf(fieldsOf(Reflect.get(object, 'spec'))['selector']))
  const selector = labelsOf(matchLabels)
  return Object.keys(selector).length > 0 ? selector : (podVariantsOf(object)[0]?.labels ?? {})
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
