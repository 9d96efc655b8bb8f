import { controllerOf, type KubeObject, type Labels } from '../../../objects/kube-object.ts'
import { isKind, kindOf, workloadKinds, type Kind } from '../../../objects/kinds.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import {
  backingKinds,
  borrowedTemplate,
  endpointSlicesByService,
  isPutOnAtRunTime,
  pairOf,
  podLabelsOf,
  workloadsByLabel,
  type BackingKind,
} from './indexes/workloads.ts'
import type { HostProvider } from './objects/providers.ts'
import { networkLabel } from './objects/network.ts'
import { fieldsOf, itemsOf, labelsOf, numberOf } from '../../../objects/unchecked.ts'
import { once } from '../../../view/session.ts'

/** Pods as far as their workload tells them. */
export interface Backing {
  readonly object: KubeObject | undefined
  readonly labels: Labels
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

/** The labels of a workload's pods; undefined where they are borrowed from a workload that is not in view. */
export function backingLabels(view: ClusterView, object: KubeObject): Labels | undefined {
  const template = templateOf(view, object)
  if (template === object) return podLabelsOf(object)
  return template === undefined ? undefined : { ...podLabelsOf(template), ...podLabelsOf(object) }
}

/** The object whose template a workload's pods are made of; undefined where that is not in view. */
export function templateOf(view: ClusterView, object: KubeObject): KubeObject | undefined {
  const borrowed = borrowedTemplate(object)
  if (borrowed === undefined) return object
  return borrowed.lender === undefined ? undefined : view.get(borrowed.lender)
}

const owners: ReadonlySet<Kind | undefined> = new Set(workloadKinds)

/** Pods and ReplicaSets that a workload made can be derived from it, where we can read its kind. */
export function isDerivable(view: ClusterView, object: KubeObject): boolean {
  if (
    (!isKind('Pod', object) && !isKind('ReplicaSet', object))
    || !Array.isArray(object.metadata.ownerReferences)
  )
    return false
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
  return [...new Set(found)].flatMap(object => {
    const labels = backingLabels(view, object)
    return labels !== undefined && mayMatch(selector, labels)
      ? [{ object, labels, isDormant: isDormant(object) }]
      : []
  })
}

/** Whether there are no pods now: scaled to zero, or a pod that has ended. */
export function isDormant(object: KubeObject): boolean {
  if (isKind('Pod', object))
    return ['Succeeded', 'Failed'].includes(String(fieldsOf(Reflect.get(object, 'status'))['phase']))
  return numberOf(fieldsOf(Reflect.get(object, 'spec'))['replicas']) === 0
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

/** Without a selector the addresses come from EndpointSlices; those without a pod have no labels. */
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
        labels: pod === undefined ? {} : podLabelsOf(pod),
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
  const backings = backingsBehind(view, provider)
  if (backings === undefined) return undefined
  const network =
    labels[networkLabel] === undefined ? undefined : (networkOf(view) ?? (complete ? '' : undefined))
  const placed = (own: Labels): Labels => (network === undefined ? own : { [networkLabel]: network, ...own })
  const selected = backings.filter(backing => mayMatch(labels, placed(backing.labels)))
  const running = selected.filter(({ isDormant: sleeps }) => !sleeps).length
  if (running === 0 && backingKinds.some(kind => view.unread.has(kind))) return undefined
  return {
    running,
    dormant: selected.length - running,
    all: backings.length,
    awake: backings.filter(({ isDormant: sleeps }) => !sleeps).length,
  }
}

/** The network of all pods that name none themselves: what Istio's own namespace is labelled with. */
const networkOf = (view: ClusterView): string | undefined =>
  labelsOf(view.get({ kind: 'Namespace', namespace: '', name: view.mesh.rootNamespace })?.metadata.labels)[
    networkLabel
  ]
