import type { Labels } from '../../../objects/kube-object.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import {
  addressedBackings,
  backingsOf,
  isDormant,
  mayMatch,
  type Backing,
} from '../../../workloads/backings.ts'
import { labelsToStay } from '../../../workloads/pods/made-pods.ts'
import { networkLabel } from '../../../workloads/mesh/network.ts'
import {
  backingKinds,
  endpointsByService,
  endpointSlicesByService,
  pairOf,
  workloadsByLabel,
} from '../../../workloads/workload-indexes.ts'
import type { HostProvider } from './objects/providers.ts'
import { labelsOf } from '../../../objects/unchecked.ts'
import { once } from '../../../view/session.ts'

/** What is behind a host; undefined where the input does not tell. */
export function backingsBehind(view: ClusterView, provider: HostProvider): readonly Backing[] | undefined {
  return once(view, [backingsBehind, provider], () => {
    if (provider.form === 'alias' || provider.form === 'passthrough') return undefined
    if (provider.selector !== undefined)
      return [...listed(provider), ...backingsOf(view, provider.selector, provider.namespace)]
    return provider.ref.kind === 'ServiceEntry' ? listed(provider) : addressedBackings(view, provider.ref)
  })
}

const listed = ({ endpoints }: HostProvider): readonly Backing[] =>
  endpoints.map(labels => ({ object: undefined, labels, isDormant: false }))

/** How many of those behind a host a subset selects. */
export interface Selected {
  readonly running: number
  readonly dormant: number
  /** All that are behind the host, and those of them that are not scaled to zero. */
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
  return view.find(workloadsByLabel.Pod, `${namespace}/${pair}`).filter(pod => {
    const own = isDormant(pod) ? undefined : labelsToStay(view, pod)
    // One after the other: the Service and the subset may ask for two values of one label.
    return own !== undefined && mayMatch(selector!, own) && mayMatch(labels, own)
  }).length
}

/** The network of all pods that name none themselves: what Istio's own namespace is labelled with. */
const networkOf = (view: ClusterView): string | undefined =>
  labelsOf(view.get({ kind: 'Namespace', namespace: '', name: view.mesh.rootNamespace })?.metadata.labels)[
    networkLabel
  ]
