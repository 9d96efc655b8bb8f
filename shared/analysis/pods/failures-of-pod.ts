import { isSince, type ContainerReport, type ObservedPod, type PodFailure } from './observed.ts'

/** When failures count, and until when pods may wait. */
export interface FailureTime {
  /** When the present step began. */
  readonly since: Date
  readonly now: Date
}

/** Why a container waits, where it does not help to wait (kubernetes/pkg/kubelet/images/types.go, kuberuntime). */
const hopeless: ReadonlySet<string> = new Set([
  'CrashLoopBackOff',
  'ImagePullBackOff',
  'ErrImagePull',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
])

/** So long a pod may wait for a node, which an autoscaler may have to start first; in milliseconds. */
const waitForNode = 120_000

/** What goes wrong with a pod now, or has since; nothing of one that is being deleted. */
export function failuresOfPod(pod: ObservedPod, time: FailureTime): readonly PodFailure[] {
  const { metadata, status = {} } = pod
  if (metadata.deletionTimestamp !== undefined) return []
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]
  return [
    ...containers.flatMap(container => {
      const what = failureIn(container, time)
      const about = `${metadata.name}/${container.name}`
      return what === undefined ? [] : [{ about, message: `${metadata.name}: ${container.name} ${what}` }]
    }),
    ...failuresOfAll(pod, time),
  ]
}

function failureIn({ state, lastState }: ContainerReport, { since }: FailureTime): string | undefined {
  const waiting = state?.waiting?.reason
  const ended = [state?.terminated, lastState?.terminated].find(
    one => one !== undefined && isSince(one.finishedAt, since) && one.exitCode !== 0,
  )
  // That a container was killed for lack of memory says more than that it is started again later.
  if (ended?.reason === 'OOMKilled') return 'was killed for lack of memory (OOMKilled)'
  if (waiting !== undefined && hopeless.has(waiting)) return `is in ${waiting}`
  return ended === undefined ? undefined : `ended with exit code ${ended.exitCode ?? 'unknown'}`
}

function failuresOfAll(pod: ObservedPod, time: FailureTime): readonly PodFailure[] {
  const about = pod.metadata.name
  if (isWithoutNode(pod, time)) return [{ about, message: `${about}: no node takes it (Unschedulable)` }]
  return isEvicted(pod, time) ? [{ about, message: `${about}: was evicted from its node` }] : []
}

const conditionOf = ({ status }: ObservedPod, type: string) =>
  status?.conditions?.find(one => one.type === type)

function isWithoutNode(pod: ObservedPod, { now }: FailureTime): boolean {
  const scheduled = conditionOf(pod, 'PodScheduled')
  if (scheduled?.status !== 'False' || scheduled.reason !== 'Unschedulable') return false
  const waitsSince = scheduled.lastTransitionTime ?? pod.metadata.creationTimestamp ?? ''
  return now.getTime() - Date.parse(waitsSince) >= waitForNode
}

/** Others may end a pod for their own sake; its kubelet does where the node lacks what its pods take. */
function isEvicted(pod: ObservedPod, { since }: FailureTime): boolean {
  if (pod.status?.phase !== 'Failed' || pod.status.reason !== 'Evicted') return false
  const disruption = conditionOf(pod, 'DisruptionTarget')
  return (
    (disruption === undefined || disruption.reason === 'TerminationByKubelet')
    && isSince(disruption?.lastTransitionTime ?? pod.metadata.creationTimestamp, since)
  )
}
