import { controllerOf, namespaceOf, type KubeObject, type Labels, type Ref } from '../objects/kube-object.ts'
import { isKind, kindOf, workloadKinds, type Kind } from '../objects/kinds.ts'
import type { Service } from '../objects/core.ts'
import { fieldsOf, itemsOf, labelsOf, numberOf } from '../objects/unchecked.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { once } from '../view/session.ts'
import { keeperOf, variantsOfPods } from './pods/made-pods.ts'
import {
  backingKinds,
  borrowedTemplate,
  endpointSlicesByService,
  isPutOnAtRunTime,
  pairOf,
  podVariantsOf,
  workloadsByLabel,
  type BackingKind,
  type PodVariant,
} from './workload-indexes.ts'

/** Pods as far as their workload tells them. */
export interface Backing {
  readonly object: KubeObject | undefined
  readonly labels: Labels
  /** For which part of a rollout, where the workload labels the parts apart. */
  readonly role?: PodVariant['role']
  /** For pods of an earlier template, which an update keeps back. */
  readonly isKept?: true
  /** Whether there are none now: a workload scaled to zero. */
  readonly isDormant: boolean
}

/** Whether pods with these labels are, or may at run time be, among those that a selector asks for. */
export const mayMatch = (selector: Labels, labels: Labels): boolean =>
  Object.entries(selector).every(
    ([key, value]) => labels[key] === value || (labels[key] === undefined && isPutOnAtRunTime(key)),
  )

/** The label keys of a selector that a workload's own template has to carry. */
export const ownKeysOf = (selector: Labels): readonly string[] =>
  Object.keys(selector).filter(key => !isPutOnAtRunTime(key))

/**
 * The labels of a workload's pods, once for each kind of pod that it makes; none where they are borrowed from a
 * workload that is not in view.
 */
export function backingVariants(view: ClusterView, object: KubeObject): readonly PodVariant[] {
  const template = templateOf(view, object)
  if (template === object) return variantsOfPods(view, object)
  const borrowed = template === undefined ? undefined : podVariantsOf(template)[0]?.labels
  return borrowed === undefined
    ? []
    : podVariantsOf(object).map(variant => ({ ...variant, labels: { ...borrowed, ...variant.labels } }))
}

/** The object whose template a workload's pods are made of; undefined where that is not in view. */
export function templateOf(view: ClusterView, object: KubeObject): KubeObject | undefined {
  const borrowed = borrowedTemplate(object)
  if (borrowed === undefined) return object
  return borrowed.lender === undefined ? undefined : view.get(borrowed.lender)
}

const owners: ReadonlySet<Kind | undefined> = new Set(workloadKinds)

/** What workloads make themselves. */
const madeKinds: ReadonlySet<Kind | undefined> = new Set(['Pod', 'ReplicaSet', 'ReplicationController'])

/** Pods, ReplicaSets and ReplicationControllers that a workload made can be derived from it, where we can read its kind. */
export function isDerivable(view: ClusterView, object: KubeObject): boolean {
  if (!Array.isArray(object.metadata.ownerReferences) || !madeKinds.has(kindOf(object))) return false
  const owner = controllerOf(object)
  const kind = owner === undefined ? undefined : kindOf(owner)
  return kind !== undefined && owners.has(kind) && !view.unread.has(kind)
}

/** What is behind a selector in a namespace; an empty namespace looks in all. */
export function backingsOf(view: ClusterView, selector: Labels, namespace: string): readonly Backing[] {
  const pair = pairOf(selector)
  if (pair === undefined) return []
  const find = (kind: BackingKind): readonly KubeObject[] => [
    ...view.find<Kind>(workloadsByLabel[kind], `${namespace}/${pair}`),
    ...(kind === 'Rollout' ? view.find(workloadsByLabel[kind], `${namespace}/*`) : []),
  ]
  // Pods that are kept back may have labels that are not in the template of their workload.
  const found = backingKinds
    .flatMap(kind => find(kind))
    .flatMap(object => (isDerivable(view, object) ? (keeperOf(view, object) ?? []) : [object]))
  return [...new Set(found)].flatMap(object =>
    backingVariants(view, object)
      .filter(({ labels }) => mayMatch(selector, labels))
      .map(variant => ({ object, ...variant, isDormant: isDormant(object) })),
  )
}

/** Whether there are no pods now: scaled to zero, a Job between its runs, or a pod that has ended. */
export function isDormant(object: KubeObject): boolean {
  if (isKind('Pod', object))
    return ['Succeeded', 'Failed'].includes(String(fieldsOf(Reflect.get(object, 'status'))['phase']))
  return (
    object.apiVersion.startsWith('batch/')
    || numberOf(fieldsOf(Reflect.get(object, 'spec'))['replicas']) === 0
  )
}

/**
 * Without a selector the addresses come from EndpointSlices; those without a pod have no labels. Nothing where there
 * is no EndpointSlice: one may be elsewhere.
 */
export function addressedBackings(
  view: ClusterView,
  { namespace, name: service }: Pick<Ref, 'namespace' | 'name'>,
): readonly Backing[] | undefined {
  const slices = view.find(endpointSlicesByService, `${namespace}/${service}`)
  if (slices.length === 0) return undefined
  const backings = slices
    .flatMap(slice => itemsOf(Reflect.get(slice, 'endpoints')))
    .map(item => {
      const { kind, name } = fieldsOf(fieldsOf(item)['targetRef'])
      const pod =
        kind === 'Pod' && typeof name === 'string' ? view.get({ kind: 'Pod', namespace, name }) : undefined
      if (kind === 'Pod' && pod === undefined) return undefined
      return {
        object: pod,
        labels: pod === undefined ? {} : labelsOf(pod.metadata.labels),
        isDormant: fieldsOf(fieldsOf(item)['conditions'])['ready'] === false,
      }
    })
  return backings.some(backing => backing === undefined)
    ? undefined
    : backings.filter(backing => backing !== undefined)
}

/** What is behind a Service of Kubernetes; undefined where the input does not tell, or it is another name of a host. */
export const backingsOfService = (view: ClusterView, service: Service): readonly Backing[] | undefined =>
  once(view, [backingsOfService, service], () => {
    const { type, selector } = fieldsOf(service.spec)
    if (type === 'ExternalName') return undefined
    const [labels, namespace] = [labelsOf(selector), namespaceOf(service)]
    return Object.keys(labels).length > 0
      ? backingsOf(view, labels, namespace)
      : addressedBackings(view, { namespace, name: service.metadata.name })
  })
