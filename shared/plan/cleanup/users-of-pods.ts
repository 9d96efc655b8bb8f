import { refOf, workloadKinds } from '../../objects/kinds.ts'
import { controllerOf, type KubeObject, type Labels, type Ref } from '../../objects/kube-object.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { podTemplatesOf } from '../../objects/pod-templates.ts'
import { fieldsOf, itemsOf, labelsOf } from '../../objects/unchecked.ts'
import type { ServiceReading } from '../../routing/provider.ts'

/**
 * Who else sends requests to the pods of a workload: Services and ServiceEntries that select them, and Services whose
 * addresses were written by hand.
 */
export function otherUsersOf(
  { view, service, versions }: ServiceReading,
  workload: KubeObject,
): readonly Ref[] {
  const { namespace } = service
  // A version that is a Service of its own is behind its Service, and behind that of the whole.
  const own = new Set([service.name, ...versions.flatMap(version => version.service?.name ?? [])])
  const pods = podTemplatesOf(workload).map(template => labelsOf(fieldsOf(template['metadata'])['labels']))
  const selects = (selector: Labels): boolean =>
    Object.keys(selector).length > 0 && pods.some(pod => isSelected(selector, pod, workload.metadata.name))
  const services = view
    .list('Service', namespace)
    .filter(({ metadata, spec }) => !own.has(metadata.name) && selects(labelsOf(fieldsOf(spec)['selector'])))
  const entries = view
    .list('ServiceEntry', namespace)
    .filter(({ spec }) => selects(labelsOf(fieldsOf(fieldsOf(spec)['workloadSelector'])['labels'])))
  return [
    ...[...services, ...entries].map(refOf),
    ...listing({ view, namespace, own }, workload.metadata.name),
  ]
}

/** The labels that controllers put on pods: no template has them. */
const podName = 'statefulset.kubernetes.io/pod-name'
const ofControllers: ReadonlySet<string> = new Set([
  'apps.kubernetes.io/pod-index',
  'controller-revision-hash',
  'pod-template-generation',
  'pod-template-hash',
])

/** The pods of a StatefulSet are numbered: `catalog-v2-0` is none of `catalog`. */
const isPodOfSet = (pod: string, set: string): boolean =>
  pod.startsWith(`${set}-`) && /^\d+$/.test(pod.slice(set.length + 1))

const isSelected = (selector: Labels, pod: Labels, workload: string): boolean =>
  Object.entries(selector).every(
    ([key, value]) =>
      pod[key] === value
      || (key === podName && isPodOfSet(value, workload))
      || (ofControllers.has(key) && pod[key] === undefined),
  )

/** Services whose EndpointSlices name pods of the workload by their names. */
function listing(
  {
    view,
    namespace: home,
    own,
  }: Pick<ServiceReading, 'view'> & { readonly namespace: string; readonly own: ReadonlySet<string> },
  workload: string,
): readonly Ref[] {
  const longer = namesBeginningWith(view, home, `${workload}-`)
  const isOfWorkload = (namespace: string, endpoint: unknown): boolean => {
    const target = fieldsOf(fieldsOf(endpoint)['targetRef'])
    const { kind, name, namespace: where = namespace } = target
    return (
      kind === 'Pod'
      && where === home
      && typeof name === 'string'
      && name.startsWith(`${workload}-`)
      && !longer.some(other => name.startsWith(`${other}-`))
    )
  }
  const refs = view.list('EndpointSlice').flatMap(slice => {
    const { namespace } = refOf(slice)
    const name = labelsOf(slice.metadata.labels)['kubernetes.io/service-name']
    const isOwn = name !== undefined && own.has(name) && namespace === home
    if (name === undefined || isOwn) return []
    const isListed = itemsOf(slice.endpoints).some(endpoint => isOfWorkload(namespace, endpoint))
    return isListed ? [{ kind: 'Service' as const, namespace, name }] : []
  })
  return [...new Map(refs.map(ref => [`${ref.namespace}/${ref.name}`, ref])).values()]
}

/** Workloads with longer names, whose pods have names that begin in the same way; those that others made are not meant. */
const namesBeginningWith = (view: ClusterView, namespace: string, start: string): readonly string[] =>
  workloadKinds
    .flatMap(kind => view.list(kind, namespace))
    .filter(object => object.metadata.name.startsWith(start) && controllerOf(object) === undefined)
    .map(({ metadata: { name } }) => name)
