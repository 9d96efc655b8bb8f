import { isKind } from '../objects/kinds.ts'
import type { Service } from '../objects/core.ts'
import type { KubeObject, Labels } from '../objects/kube-object.ts'
import { podTemplatesOf } from '../objects/pod-templates.ts'
import { derivedOnce, fieldsOf, itemsOf, numberOf, textOf } from '../objects/unchecked.ts'
import type { VersionWorkload } from '../routing/service.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { backingsOfService, templateOf, type Backing } from './backings.ts'

/** A workload behind a Service, or an address that a ServiceEntry lists. */
export interface ServiceWorkload extends VersionWorkload {
  /** The labels of its pods. */
  readonly labels: Labels
}

/** What runs behind a Service of Kubernetes; none where the input does not tell. */
export const workloadsOfService = (view: ClusterView, service: Service): readonly ServiceWorkload[] =>
  (backingsOfService(view, service) ?? []).map(backing => workloadOf(view, backing, service.metadata.name))

/**
 * The StatefulSets that name a Service as theirs: each of their pods has a DNS name of its own by it, which a Service with
 * a cluster IP does not give.
 */
export const statefulSetsNaming = (view: ClusterView, service: Service): readonly KubeObject[] => [
  ...new Set(
    (backingsOfService(view, service) ?? []).flatMap(({ object }) =>
      object !== undefined
      && (isKind('StatefulSet', object) || isKind('StatefulSet.apps.kruise.io', object))
      && fieldsOf(Reflect.get(object, 'spec'))['serviceName'] === service.metadata.name
        ? [object]
        : [],
    ),
  ),
]

/** What a backing is, and how many of its pods are ready; `owner` is what lists an address. */
export function workloadOf(
  view: ClusterView,
  { object, labels, role }: Backing,
  owner: string,
): ServiceWorkload {
  // An address cannot be asked whether it is ready: one that is listed counts as ready.
  if (object === undefined) return { kind: 'ServiceEntry', name: owner, labels, ready: 1, wanted: 1 }
  const created = textOf(Reflect.get(object.metadata, 'creationTimestamp'))
  const images = imagesOf(view, object, role)
  return {
    kind: object.kind,
    name: object.metadata.name,
    labels,
    ...replicasOf(object, role),
    ...(images.length > 0 && { images }),
    ...(created !== undefined && { created }),
  }
}

/**
 * The images of the containers of its pods, each once. Between two steps of a Rollout its template is that of the new
 * version, and what the stable pods run is not written in it.
 */
function imagesOf(view: ClusterView, object: KubeObject, role: Backing['role']): readonly string[] {
  const status = fieldsOf(Reflect.get(object, 'status'))
  const isOlder = role === 'stable' && status['stableRS'] !== status['currentPodHash']
  const template = isOlder ? undefined : templateOf(view, object)
  return template === undefined ? [] : templateImages(template)
}

const templateImages = derivedOnce((object: KubeObject): readonly string[] => {
  const spec = fieldsOf(Reflect.get(object, 'spec'))
  const pod = isKind('Pod', object) ? spec : fieldsOf(fieldsOf(podTemplatesOf(object)[0])['spec'])
  const images = itemsOf(pod['containers'])
    .map(fieldsOf)
    .filter(({ name }) => name !== 'istio-proxy')
    .flatMap(({ image }) => textOf(image) ?? [])
  return [...new Set(images)]
})

/**
 * The pods of a workload: `status.readyReplicas` of `spec.replicas` (1 when left out), for a DaemonSet what
 * it schedules.
 */
function replicasOf(object: KubeObject, role: Backing['role']): Pick<ServiceWorkload, 'ready' | 'wanted'> {
  const [spec, status] = [fieldsOf(Reflect.get(object, 'spec')), fieldsOf(Reflect.get(object, 'status'))]
  if (isKind('Pod', object)) return { ready: isReady(status) ? 1 : 0, wanted: 1 }
  if (isKind('WorkloadEntry', object)) return { ready: 1, wanted: 1 }
  if (isKind('WorkloadGroup', object)) return { ready: 0, wanted: 0 }
  if (role !== undefined && isKind('Rollout', object)) return partOf(status, role, whole(spec, status))
  return whole(spec, status)
}

type Fields = ReturnType<typeof fieldsOf>

function whole(spec: Fields, status: Fields): Pick<ServiceWorkload, 'ready' | 'wanted'> {
  return {
    ready: numberOf(status['readyReplicas']) ?? numberOf(status['numberReady']) ?? 0,
    wanted: numberOf(spec['replicas']) ?? numberOf(status['desiredNumberScheduled']) ?? 1,
  }
}

/**
 * The pods of one part of a Rollout. Its status counts the pods of the new version (`updatedReplicas`) among all;
 * between two rollouts there is no new version, and all are stable.
 */
function partOf(
  status: Fields,
  role: 'stable' | 'canary',
  { ready, wanted }: Pick<ServiceWorkload, 'ready' | 'wanted'>,
): Pick<ServiceWorkload, 'ready' | 'wanted'> {
  const { stableRS, currentPodHash } = status
  if (typeof stableRS !== 'string' || typeof currentPodHash !== 'string') return { ready, wanted }
  const updated = stableRS === currentPodHash ? 0 : (numberOf(status['updatedReplicas']) ?? 0)
  const canary = Math.min(updated, ready)
  return role === 'canary'
    ? { ready: canary, wanted: updated }
    : { ready: ready - canary, wanted: Math.max(0, wanted - updated) }
}

const isReady = (status: Readonly<Record<string, unknown>>): boolean =>
  itemsOf(status['conditions'])
    .map(fieldsOf)
    .some(({ type, status: value }) => type === 'Ready' && value === 'True')
