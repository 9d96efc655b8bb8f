import type { KubeObject, Labels } from './kube-object.ts'

export interface Service extends KubeObject {
  readonly kind: 'Service'
  readonly spec: ServiceSpec
}
export interface ServiceSpec {
  readonly type?: string
  readonly clusterIP?: string
  readonly externalName?: string
  readonly selector?: Labels
  readonly ports?: readonly ServicePort[]
  readonly sessionAffinity?: string
}
export interface ServicePort {
  readonly name?: string
  readonly port: number
  readonly targetPort?: number | string
  readonly protocol?: string
  readonly appProtocol?: string
}
export interface Namespace extends KubeObject {
  readonly kind: 'Namespace'
  readonly status?: { readonly phase?: string }
}
export interface ConfigMap extends KubeObject {
  readonly kind: 'ConfigMap'
  readonly data?: Readonly<Record<string, string>>
}

/**
 * A controller whose pods come from a template: Deployment, StatefulSet, DaemonSet, ReplicaSet, Argo Rollout,
 * ReplicationController, DeploymentConfig, OpenKruise's kinds, and on files whatever else has a pod template.
 */
export interface Workload extends KubeObject {
  readonly spec: {
    /** Left out means 1 (a DaemonSet has none). */
    readonly replicas?: number
    /** Of a Deployment: its rollout is held. */
    readonly paused?: boolean
    readonly selector?: { readonly matchLabels?: Labels }
    /** A Rollout may name a Deployment's template instead of carrying one. */
    readonly workloadRef?: { readonly apiVersion?: string; readonly kind?: string; readonly name?: string }
    readonly template?: PodTemplate
    /** Of a StatefulSet: which of its pods an update replaces. */
    readonly updateStrategy?: {
      readonly type?: string
      readonly rollingUpdate?: { readonly partition?: number }
    }
    readonly ordinals?: { readonly start?: number }
  }
  readonly status?: {
    readonly replicas?: number
    readonly readyReplicas?: number
    readonly numberReady?: number
    readonly desiredNumberScheduled?: number
  }
}
/** A pod template that a StatefulSet or DaemonSet has or had: its labels are those of the template. */
export interface TemplateRevision extends KubeObject {
  readonly kind: 'ControllerRevision'
}
export interface PodTemplate {
  readonly metadata?: { readonly labels?: Labels; readonly annotations?: Readonly<Record<string, string>> }
  readonly spec?: {
    readonly containers?: readonly {
      readonly name?: string
      readonly image?: string
      readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[]
    }[]
  }
}
export interface Pod extends KubeObject {
  readonly kind: 'Pod'
  readonly status?: {
    readonly phase?: string
    readonly podIP?: string
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
  }
}
export interface EndpointSlice extends KubeObject {
  readonly kind: 'EndpointSlice'
  readonly endpoints?: readonly {
    readonly addresses?: readonly string[]
    readonly conditions?: { readonly ready?: boolean }
    readonly targetRef?: { readonly kind?: string; readonly name?: string; readonly namespace?: string }
  }[]
}

/** The addresses of a Service as manifests may still write them; an API server turns them into EndpointSlices. */
export interface Endpoints extends KubeObject {
  readonly kind: 'Endpoints'
  readonly subsets?: readonly { readonly addresses?: readonly { readonly ip?: string }[] }[]
}
