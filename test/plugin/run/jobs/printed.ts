/** A rule of a Role. */
export interface PrintedRule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly verbs: readonly string[]
}
/** The container of a run. */
export interface PrintedContainer {
  readonly args: readonly string[]
  readonly command: readonly string[]
  readonly env: readonly { readonly name: string }[]
  readonly volumeMounts: readonly { readonly mountPath: string }[]
}
/** As much of the printed objects as the tests look at. */
export interface Printed {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly rules?: readonly PrintedRule[]
  readonly data?: Readonly<Record<string, string>>
  readonly spec?: {
    readonly template: { readonly spec: { readonly containers: readonly [PrintedContainer] } }
  }
}
