import type { KubeObject } from '../../objects/kube-object.ts'

/** A container that has ended. */
export interface EndedContainer {
  readonly reason?: string
  readonly exitCode?: number
  /** RFC 3339. */
  readonly finishedAt?: string
}

/** One container of a pod as its kubelet reports it. */
export interface ContainerReport {
  readonly name: string
  readonly restartCount?: number
  readonly state?: { readonly waiting?: { readonly reason?: string }; readonly terminated?: EndedContainer }
  readonly lastState?: { readonly terminated?: EndedContainer }
}

/** A pod with what its kubelet and the scheduler report of it (core/v1). */
export interface ObservedPod extends KubeObject {
  readonly status?: {
    readonly phase?: string
    readonly reason?: string
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly reason?: string
      readonly lastTransitionTime?: string
    }[]
    readonly containerStatuses?: readonly ContainerReport[]
    readonly initContainerStatuses?: readonly ContainerReport[]
  }
}

/** An Event of core/v1, as which the API server serves those of events.k8s.io, too. */
export interface ClusterEvent extends KubeObject {
  readonly type?: string
  readonly reason?: string
  readonly message?: string
  readonly involvedObject?: { readonly kind?: string; readonly namespace?: string; readonly name?: string }
  readonly lastTimestamp?: string | null
  readonly eventTime?: string | null
  readonly series?: { readonly lastObservedTime?: string }
}

/** Something that went wrong with a pod, a container or a workload. */
export interface PodFailure {
  /** What it is about: one thing that goes wrong in several ways counts once. */
  readonly about: string
  /** A sentence without a full stop. */
  readonly message: string
}

/** Whether a time is known, and not before another one. */
export const isSince = (time: string | null | undefined, since: Date): boolean =>
  time !== undefined && time !== null && Date.parse(time) >= since.getTime()
