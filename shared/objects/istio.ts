import type { KubeObject, Labels } from './kube-object.ts'

export interface Gateway extends KubeObject {
  readonly kind: 'Gateway'
  readonly spec: { readonly selector?: Labels; readonly servers?: readonly GatewayServer[] }
}
export interface GatewayServer {
  readonly name?: string
  readonly port?: { readonly number?: number; readonly name?: string; readonly protocol?: string }
  readonly hosts?: readonly string[]
  readonly tls?: { readonly mode?: string }
}
export interface ServiceEntry extends KubeObject {
  readonly kind: 'ServiceEntry'
  readonly spec: ServiceEntrySpec
}
export interface ServiceEntrySpec {
  readonly hosts?: readonly string[]
  readonly addresses?: readonly string[]
  readonly ports?: readonly {
    readonly number: number
    readonly name?: string
    readonly protocol?: string
    readonly targetPort?: number
  }[]
  readonly location?: string
  readonly resolution?: string
  readonly endpoints?: readonly WorkloadEntrySpec[]
  readonly workloadSelector?: { readonly labels?: Labels }
  readonly exportTo?: readonly string[]
}
export interface Sidecar extends KubeObject {
  readonly kind: 'Sidecar'
  readonly spec: {
    readonly workloadSelector?: { readonly labels?: Labels }
    readonly egress?: readonly { readonly hosts?: readonly string[] }[]
  }
}
export interface RequestAuthentication extends KubeObject {
  readonly kind: 'RequestAuthentication'
  readonly spec?: {
    readonly selector?: { readonly matchLabels?: Labels }
    readonly targetRef?: object
    readonly targetRefs?: readonly object[]
    readonly jwtRules?: readonly object[]
  }
}
export interface WorkloadEntry extends KubeObject {
  readonly kind: 'WorkloadEntry'
  readonly spec: WorkloadEntrySpec
}
export interface WorkloadEntrySpec {
  readonly address?: string
  readonly labels?: Labels
  readonly ports?: Readonly<Record<string, number>>
}
export interface WorkloadGroup extends KubeObject {
  readonly kind: 'WorkloadGroup'
  readonly spec: { readonly metadata?: { readonly labels?: Labels }; readonly template?: WorkloadEntrySpec }
}

/** Which connections the sidecars and ztunnels of a namespace, or of some workloads, accept. */
export interface PeerAuthentication extends KubeObject {
  readonly kind: 'PeerAuthentication'
  readonly spec?: {
    readonly selector?: { readonly matchLabels?: Labels }
    readonly mtls?: { readonly mode?: string }
    /** By the number of a port of the workload. */
    readonly portLevelMtls?: Readonly<Record<string, { readonly mode?: string }>>
  }
}
