import type { KubeObject, Labels } from '../kube-object.ts'

/** How the Service of its name is asked (apisix.apache.org/v2). */
export interface ApisixUpstream extends KubeObject {
  readonly spec?: {
    /** `http` where it is left out; also `https`, `grpc` and `grpcs`. */
    readonly scheme?: string
    /** Parts of its pods, which backends name. */
    readonly subsets?: readonly { readonly name?: string; readonly labels?: Labels }[]
  }
}
