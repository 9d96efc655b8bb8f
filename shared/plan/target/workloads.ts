import { controllerOf, type Labels } from '../../objects/kube-object.ts'
import { workloadKinds } from '../../objects/kinds.ts'
import { matches } from '../../objects/labels.ts'
import type { Workload } from '../../objects/workload.ts'
import type { ClusterView } from '../../view/cluster-view.ts'

/** What runs behind a Service, as far as its version is concerned. */
export interface ServiceWorkload {
  readonly kind: string
  readonly name: string
  /** The labels of its pods. */
  readonly labels: Labels
  readonly ready: number
  readonly wanted: number
}

/** The workloads and bare pods that a Service's selector takes; a Service without a selector has none that we can know. */
export function workloadsBehind(view: ClusterView, { name, namespace }: { readonly name: string; readonly namespace: string }): readonly ServiceWorkload[] {
  const selector = view.get({ kind: 'Service', namespace, name })?.spec?.selector
  if (selector === undefined || Object.keys(selector).length === 0) return []
  return [...templated(view, namespace), ...barePods(view, namespace)].filter(({ labels }) => matches(selector, labels))
}

function templated(view: ClusterView, namespace: string): readonly ServiceWorkload[] {
  return workloadKinds.flatMap(kind => view.list(kind, namespace).filter(object => controllerOf(object) === undefined).map(object => ({
    kind, name: object.metadata.name, labels: podLabelsOf(view, object, namespace), ...replicasOf(object),
  })))
}

/** A Rollout may leave its template to a Deployment that it names. */
function podLabelsOf(view: ClusterView, { spec }: Workload, namespace: string): Labels {
  const { template, workloadRef } = spec ?? {}
  const source = template ?? (workloadRef?.name === undefined ? undefined : view.get({ kind: 'Deployment', namespace, name: workloadRef.name })?.spec.template)
  return source?.metadata?.labels ?? {}
}

const replicasOf = ({ spec, status }: Workload): { readonly ready: number; readonly wanted: number } => ({
  ready: status?.readyReplicas ?? status?.numberReady ?? 0,
  wanted: spec?.replicas ?? status?.desiredNumberScheduled ?? 1,
})

const barePods = (view: ClusterView, namespace: string): readonly ServiceWorkload[] =>
  view.list('Pod', namespace).filter(pod => controllerOf(pod) === undefined && pod.metadata.labels !== undefined).map(pod => ({
    kind: 'Pod', name: pod.metadata.name, labels: pod.metadata.labels ?? {}, wanted: 1,
    ready: pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true ? 1 : 0,
  }))
