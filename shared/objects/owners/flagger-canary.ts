import type { KubeObject } from '../kube-object.ts'

/** A Canary of Flagger (https://docs.flagger.app), as far as a view asks for it. */
export interface FlaggerCanary extends KubeObject {
  readonly kind: 'Canary'
  readonly spec: { readonly suspend?: boolean }
}
