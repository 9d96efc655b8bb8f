import { controllerOf, type Labels } from '../../objects/kube-object.ts'
import type { ServiceEntry } from '../../objects/istio.ts'
import { workloadKinds } from '../../objects/kinds.ts'
import { matches } from '../../objects/labels.ts'
import type { Workload } from '../../objects/workload.ts'
import type { RoutedService } from '../../providers/istio/read/routed-service.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { serviceEntriesByHost } from '../../providers/istio/resolve/indexes/providers.ts'
import { providerOfEntry } from '../../providers/istio/resolve/objects/providers.ts'

/** What runs behind a Service, as far as its version is concerned. */
export interface ServiceWorkload {
  readonly kind: string
  readonly name: string
  /** The labels of its pods. */
  readonly labels: Labels
  readonly ready: number
  readonly wanted: number
}

/** The workloads and bare pods that a Service's selector takes; a Service without a selector has none that we can know. A ServiceEntry has its endpoints, too. */
export function workloadsBehind(
  view: ClusterView,
  { name, namespace, host }: RoutedService,
): readonly ServiceWorkload[] {
  if (host !== undefined)
    return view.find(serviceEntriesByHost, host).flatMap(entry => workloadsOfEntry(view, entry))
  const selector = view.get({ kind: 'Service', namespace, name })?.spec?.selector
  if (selector === undefined || Object.keys(selector).length === 0) return []
  return [...templated(view, namespace), ...barePods(view, namespace)].filter(({ labels }) =>
    matches(selector, labels),
  )
}

/** Addresses cannot be asked whether they are ready: those that are listed are taken to be. */
function workloadsOfEntry(view: ClusterView, entry: ServiceEntry): readonly ServiceWorkload[] {
  const { namespace, selector, endpoints } = providerOfEntry(entry)
  const listed = endpoints.map(labels => ({
    kind: 'ServiceEntry',
    name: entry.metadata.name,
    labels,
    ready: 1,
    wanted: 1,
  }))
  if (selector === undefined) return listed
  const machines = view.list('WorkloadEntry', namespace).map(({ metadata, spec }) => ({
    kind: 'WorkloadEntry',
    name: metadata.name,
    labels: spec.labels ?? {},
    ready: 1,
    wanted: 1,
  }))
  return [
    ...listed,
    ...[...machines, ...templated(view, namespace), ...barePods(view, namespace)].filter(({ labels }) =>
      matches(selector, labels),
    ),
  ]
}

function templated(view: ClusterView, namespace: string): readonly ServiceWorkload[] {
  return workloadKinds.flatMap(kind =>
    view
      .list(kind, namespace)
      .filter(object => controllerOf(object) === undefined)
      .map(object => ({
        kind,
        name: object.metadata.name,
        labels: podLabelsOf(view, object, namespace),
        ...replicasOf(object),
      })),
  )
}

/** A Rollout may leave its template to a Deployment that it names. */
function podLabelsOf(view: ClusterView, { spec }: Workload, namespace: string): Labels {
  const { template, workloadRef } = spec ?? {}
  const source =
    template
    ?? (workloadRef?.name === undefined
      ? undefined
      : view.get({ kind: 'Deployment', namespace, name: workloadRef.name })?.spec.template)
  return source?.metadata?.labels ?? {}
}

const replicasOf = ({ spec, status }: Workload): { readonly ready: number; readonly wanted: number } => ({
  ready: status?.readyReplicas ?? status?.numberReady ?? 0,
  wanted: spec?.replicas ?? status?.desiredNumberScheduled ?? 1,
})

const barePods = (view: ClusterView, namespace: string): readonly ServiceWorkload[] =>
  view
    .list('Pod', namespace)
    .filter(pod => controllerOf(pod) === undefined && pod.metadata.labels !== undefined)
    .map(pod => ({
      kind: 'Pod',
      name: pod.metadata.name,
      labels: pod.metadata.labels ?? {},
      wanted: 1,
      ready:
        pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true
          ? 1
          : 0,
    }))
