import type { KubeObject } from './kube-object.ts'

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
