import type { ServiceVersion } from '../../routing/service.ts'
import type { Measurement } from '../measurement.ts'
import { failuresOfEvents } from './failures-of-events.ts'
import { failuresOfPod, type FailureTime } from './failures-of-pod.ts'
import type { ClusterEvent, ObservedPod, PodFailure } from './observed.ts'

/** What a cluster has of the pods of two versions; objects of other versions and namespaces may be among them. */
export interface ObservedPods extends FailureTime {
  /** The namespace of the service. */
  readonly namespace: string
  readonly version: ServiceVersion
  readonly stable?: ServiceVersion | undefined
  readonly pods: readonly ObservedPod[]
  readonly events: readonly ClusterEvent[]
}

/** So many failures are told one by one. */
const told = 3

/** How many things go wrong with the pods of the version, and of stable: containers, pods, workloads. */
export function podFailures(observed: ObservedPods): Measurement {
  const { version, stable } = observed
  const own = failuresOfVersion(version, observed)
  if (own === undefined) return { kind: 'nothing', detail: `no pod of ${version.name} was found` }
  const theirs = stable === undefined ? undefined : failuresOfVersion(stable, observed)
  const [some, more] = [own.slice(0, told), own.length - told]
  const messages = [...some.map(({ message }) => message), ...(more > 0 ? [`and ${more} more`] : [])]
  return {
    kind: 'value',
    value: own.length,
    ...(theirs !== undefined && { baseline: theirs.length }),
    ...(messages.length > 0 && { detail: messages.join('; ') }),
  }
}

/** One failure for each thing; undefined where there is neither a pod nor an event of the version. */
function failuresOfVersion(
  version: ServiceVersion,
  { namespace: home, pods, events, since, now }: ObservedPods,
): readonly PodFailure[] | undefined {
  const namespace = version.service?.namespace ?? home
  const own = podsOf(version, namespace, pods)
  const found = [
    ...own.flatMap(pod => failuresOfPod(pod, { since, now })),
    ...failuresOfEvents(
      events.filter(({ involvedObject }) => involvedObject?.namespace === namespace),
      { pods: own, workloads: version.workloads, since, now },
    ),
  ]
  if (own.length === 0 && found.length === 0) return undefined
  return [...Map.groupBy(found, ({ about }) => about).values()].map(([first]) => first!)
}

/** The pods that have all labels of one of its workloads. */
export const podsOf = (
  { workloads }: Pick<ServiceVersion, 'workloads'>,
  namespace: string,
  pods: readonly ObservedPod[],
): readonly ObservedPod[] =>
  pods.filter(
    ({ metadata }) =>
      metadata.namespace === namespace
      && workloads.some(({ labels = {} }) => {
        const wanted = Object.entries(labels)
        return wanted.length > 0 && wanted.every(([key, value]) => metadata.labels?.[key] === value)
      }),
  )
