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
