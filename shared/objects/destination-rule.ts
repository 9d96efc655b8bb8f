import type { KubeObject, Labels } from './kube-object.ts'

/** Istio's DestinationRule, the fields that we read or edit. Others travel untouched. */
export interface DestinationRule extends KubeObject {
  readonly kind: 'DestinationRule'
  readonly spec: DestinationRuleSpec
}
export interface DestinationRuleSpec {
  readonly host: string
  readonly subsets?: readonly Subset[]
  readonly exportTo?: readonly string[]
  readonly workloadSelector?: { readonly matchLabels?: Labels }
}
export interface Subset {
  readonly name: string
  readonly labels?: Labels
}
