import type { VersionWorkload } from '../../routing/service.ts'
import type { FailureTime } from './failures-of-pod.ts'
import { isSince, type ClusterEvent, type ObservedPod, type PodFailure } from './observed.ts'

/** Whose events count. */
export interface EventScope extends FailureTime {
  readonly pods: readonly ObservedPod[]
  readonly workloads: readonly Pick<VersionWorkload, 'name'>[]
}

/**
 * What events tell that pods do not: a probe that fails, and pods that cannot be created. A readiness probe counts for a
 * pod that is older than the step and not ready: before its start is over, probes fail as they should.
 */
export const failuresOfEvents = (events: readonly ClusterEvent[], scope: EventScope): readonly PodFailure[] =>
  events.flatMap(event =>
    event.type === 'Warning' && isSince(timeOf(event), scope.since) ? failureOf(event, scope) : [],
  )

const timeOf = ({ series, lastTimestamp, eventTime }: ClusterEvent): string | null | undefined =>
  series?.lastObservedTime ?? lastTimestamp ?? eventTime

function failureOf(event: ClusterEvent, { pods, workloads, since }: EventScope): readonly PodFailure[] {
  const { reason, message = '', involvedObject: { kind, name = '' } = {} } = event
  if (reason === 'FailedCreate' && kind !== 'Pod') {
    const workload = workloads.find(one => name === one.name || isReplicaSetOf(name, one.name))
    return workload === undefined
      ? []
      : [{ about: workload.name, message: `${workload.name}: ${oneLine(message)}` }]
  }
  const pod = pods.find(({ metadata }) => metadata.name === name)
  if (reason !== 'Unhealthy' || kind !== 'Pod' || pod === undefined || !isFailedProbe(message, pod, since))
    return []
  return [{ about: name, message: `${name}: ${oneLine(message)}` }]
}

/** The hash of a pod template has letters without vowels and digits (SafeEncodeString in apimachinery). */
const isReplicaSetOf = (name: string, workload: string): boolean =>
  name.startsWith(`${workload}-`) && /^[bcdfghjklmnpqrstvwxz2456789]+$/.test(name.slice(workload.length + 1))

function isFailedProbe(message: string, { metadata, status }: ObservedPod, since: Date): boolean {
  if (metadata.deletionTimestamp !== undefined) return false
  if (message.startsWith('Liveness')) return true
  const isReady = status?.conditions?.some(one => one.type === 'Ready' && one.status === 'True') ?? false
  return message.startsWith('Readiness') && !isReady && !isSince(metadata.creationTimestamp, since)
}

const oneLine = (text: string): string => text.trim().replaceAll(/\s+/g, ' ').slice(0, 200)
