import { controllerOf, type KubeObject, type Labels } from '../../../objects/kube-object.ts'
import { isKind, kindOf, workloadKinds, type Kind } from '../../../objects/kinds.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import {
  backingKinds,
  borrowedTemplate,
  endpointsByService,
  endpointSlicesByService,
  isPutOnAtRunTime,
  pairOf,
  podVariantsOf,
  workloadsByLabel,
  type BackingKind,
  type PodVariant,
} from './indexes/workloads.ts'
import type { HostProvider } from './objects/providers.ts'
import { networkLabel } from './objects/network.ts'
import { fieldsOf, itemsOf, labelsOf, numberOf } from '../../../objects/unchecked.ts'
import { once } from '../../../view/session.ts'

/** Pods as far as their workload tells them. */
export interface Backing {
  readonly object: KubeObject | undefined
  readonly labels: Labels
  /** For which part of a rollout, where the workload labels the parts apart. */
  readonly role?: PodVariant['role']
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
  if (template === object) return podVariantsOf(object)
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

/** What stands behind a selector in a namespace; an empty namespace looks in all. */
export function backingsOf(view: ClusterView, selector: Labels, namespace: string): readonly Backing[] {
  const pair = pairOf(selector)
  if (pair === undefined) return []
  const find = (kind: BackingKind): readonly KubeObject[] => [
    ...view.find<Kind>(workloadsByLabel[kind], `${namespace}/${pair}`),
    ...(kind === 'Rollout' ? view.find(workloadsByLabel[kind], `${namespace}/*`) : []),
  ]
  const found = backingKinds.flatMap(kind => find(kind)).filter(object => !isDerivable(view, object))
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

/** What stands behind a host; undefined where the input does not tell. */
export function backingsBehind(view: ClusterView, provider: HostProvider): readonly Backing[] | undefined {
  return once(view, [backingsBehind, provider], () => {
    if (provider.form === 'alias' || provider.form === 'passthrough') return undefined
    if (provider.selector !== undefined)
      return [...listed(provider), ...backingsOf(view, provider.selector, provider.namespace)]
    return provider.ref.kind === 'ServiceEntry' ? listed(provider) : addressed(view, provider)
  })
}

const listed = ({ endpoints }: HostProvider): readonly Backing[] =>
  endpoints.map(labels => ({ object: undefined, labels, isDormant: false }))

/**
 * Without a selector the addresses come from EndpointSlices; those without a pod have no labels. Nothing where there
 * is no EndpointSlice: one may be elsewhere.
 */
function addressed(view: ClusterView, { namespace, ref }: HostProvider): readonly Backing[] | undefined {
  const slices = view.find(endpointSlicesByService, `${namespace}/${ref.name}`)
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

/** How many of those behind a host a subset selects. */
export interface Selected {
  readonly running: number
  readonly dormant: number
  /** All that stand behind the host, and those of them that are not scaled to zero. */
  readonly all: number
  readonly awake: number
  /**
   * Where none is selected: those that say nothing else than the subset, and lack some of its labels. What applies
   * or admits them may add these (kustomize, a webhook for pods), and no file says so.
   */
  readonly unlabelled: number
}

/**
 * What a subset's labels select behind a host; undefined where the input does not tell. In a world that is
 * whole (`complete`) a network that nothing names is none.
 */
export function selectedBy(
  view: ClusterView,
  provider: HostProvider,
  { labels, complete }: { readonly labels: Labels; readonly complete: boolean },
): Selected | undefined {
  const backings =
    backingsBehind(view, provider) ?? (complete && hasNoAddress(view, provider) ? [] : undefined)
  if (backings === undefined) return undefined
  const network =
    labels[networkLabel] === undefined ? undefined : (networkOf(view) ?? (complete ? '' : undefined))
  const placed = (own: Labels): Labels => (network === undefined ? own : { [networkLabel]: network, ...own })
  const selected = backings.filter(backing => mayMatch(labels, placed(backing.labels)))
  const running =
    selected.filter(({ isDormant: sleeps }) => !sleeps).length || madePodsOf(view, provider, labels)
  if (running === 0 && backingKinds.some(kind => view.unread.has(kind))) return undefined
  const awake = backings.filter(({ isDormant: sleeps }) => !sleeps)
  return {
    running,
    dormant: selected.length - running,
    all: workloadsIn(backings),
    awake: workloadsIn(awake),
    unlabelled: running > 0 ? 0 : awake.filter(backing => lacksOnly(labels, placed(backing.labels))).length,
  }
}

/** Whether a Service without a selector has no addresses either, where the input is the whole world. */
const hasNoAddress = (view: ClusterView, { ref, namespace, form }: HostProvider): boolean =>
  ref.kind === 'Service'
  && (form === 'virtual-ip' || form === 'headless')
  && !view.unread.has('EndpointSlice')
  && view.find(endpointSlicesByService, `${namespace}/${ref.name}`).length === 0
  && view.find(endpointsByService, `${namespace}/${ref.name}`).length === 0

/** How many workloads there are; one may make pods of two kinds. */
const workloadsIn = (backings: readonly Backing[]): number =>
  new Set(backings.map(backing => backing.object ?? backing)).size

/** Whether labels say nothing else than a selector does, so that what adds the missing ones completes them. */
const lacksOnly = (selector: Labels, labels: Labels): boolean =>
  Object.entries(selector).every(([key, value]) => (labels[key] ?? value) === value)

/**
 * The pods that a workload made and that have these labels: also where its template does not say them, as what
 * admits pods may add labels. Known only where such pods were read.
 */
function madePodsOf(view: ClusterView, { selector, namespace }: HostProvider, labels: Labels): number {
  const pair = selector === undefined ? undefined : pairOf(selector)
  if (pair === undefined) return 0
  const all = { ...selector, ...labels }
  return view
    .find(workloadsByLabel.Pod, `${namespace}/${pair}`)
    .filter(pod => !isDormant(pod) && mayMatch(all, labelsOf(pod.metadata.labels))).length
}

/** The network of all pods that name none themselves: what Istio's own namespace is labelled with. */
const networkOf = (view: ClusterView): string | undefined =>
  labelsOf(view.get({ kind: 'Namespace', namespace: '', name: view.mesh.rootNamespace })?.metadata.labels)[
    networkLabel
  ]
