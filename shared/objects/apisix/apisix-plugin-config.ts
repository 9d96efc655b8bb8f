import type { KubeObject } from '../kube-object.ts'

/** A plugin of APISIX with its settings. */
export interface ApisixPlugin {
  readonly name?: string
  readonly enable?: boolean
  readonly config?: object
  readonly secretRef?: string
}

/** Plugins for the rules that name it. */
export interface ApisixPluginConfig extends KubeObject {
  readonly spec?: { readonly plugins?: readonly ApisixPlugin[] }
}
