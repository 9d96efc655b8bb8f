import type { KubeObject, Labels } from './kube-object.ts'

/** What scales a workload by its load, within bounds. */
export interface HorizontalPodAutoscaler extends KubeObject {
  readonly kind: 'HorizontalPodAutoscaler'
  readonly spec: {
    readonly scaleTargetRef?: { readonly kind?: string; readonly name?: string }
    /** Left out means 1. */
    readonly minReplicas?: number
    readonly maxReplicas?: number
  }
}

/** How many pods of a selection may be evicted at a time. */
export interface PodDisruptionBudget extends KubeObject {
  readonly kind: 'PodDisruptionBudget'
  readonly spec?: {
    readonly minAvailable?: number | string
    readonly maxUnavailable?: number | string
    /** One without any requirement selects all pods of the namespace; none when left out. */
    readonly selector?: LabelSelector
  }
}

/** What Kubernetes calls a label selector: all of it must hold. */
export interface LabelSelector {
  readonly matchLabels?: Labels
  readonly matchExpressions?: readonly {
    readonly key: string
    readonly operator: string
    readonly values?: readonly string[]
  }[]
}
