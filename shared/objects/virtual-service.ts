import type { KubeObject, Labels } from './kube-object.ts'

/** Istio's VirtualService, the fields that we read or edit. Others travel untouched. */
export interface VirtualService extends KubeObject {
  readonly kind: 'VirtualService'
  readonly spec: VirtualServiceSpec
}
export interface VirtualServiceSpec {
  readonly hosts?: readonly string[]
  /** Left out means `mesh`. */
  readonly gateways?: readonly string[]
  readonly http?: readonly HttpRoute[]
  readonly tcp?: readonly L4Route[]
  readonly tls?: readonly L4Route[]
  readonly exportTo?: readonly string[]
}
export interface HttpRoute {
  readonly name?: string
  /** Blocks are ORed, the conditions in one are ANDed; none takes everything. */
  readonly match?: readonly HttpMatch[]
  readonly route?: readonly WeightedDestination[]
  readonly redirect?: object
  readonly directResponse?: object
  readonly delegate?: { readonly name: string; readonly namespace?: string }
  readonly mirror?: Destination
  /** Spelled in three ways by three ages of the API. */
  readonly mirrorPercentage?: { readonly value?: number }
  readonly mirrorPercent?: number
  readonly mirror_percent?: number
  readonly mirrors?: readonly {
    readonly destination: Destination
    readonly percentage?: { readonly value?: number }
  }[]
}
export type StringMatch = { readonly exact?: string; readonly prefix?: string; readonly regex?: string }
export interface HttpMatch {
  readonly name?: string
  readonly uri?: StringMatch
  readonly scheme?: StringMatch
  readonly method?: StringMatch
  readonly authority?: StringMatch
  /** An empty matcher means presence. */
  readonly headers?: Readonly<Record<string, StringMatch>>
  readonly withoutHeaders?: Readonly<Record<string, StringMatch>>
  readonly queryParams?: Readonly<Record<string, StringMatch>>
  readonly ignoreUriCase?: boolean
  readonly port?: number
  readonly sourceLabels?: Labels
  readonly sourceNamespace?: string
  readonly gateways?: readonly string[]
}
/** A tcp or tls route. */
export interface L4Route {
  readonly match?: readonly L4Match[]
  readonly route?: readonly WeightedDestination[]
}
export interface L4Match {
  readonly sniHosts?: readonly string[]
  readonly destinationSubnets?: readonly string[]
  readonly port?: number
  readonly sourceLabels?: Labels
  readonly sourceNamespace?: string
  readonly gateways?: readonly string[]
}
export interface WeightedDestination {
  readonly destination: Destination
  readonly weight?: number
}
export interface Destination {
  readonly host: string
  readonly subset?: string
  readonly port?: { readonly number?: number }
}
