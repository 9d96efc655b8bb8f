import type { Ref } from '../../objects/kube-object.ts'

/** What a destination of a route has of its own besides its weight, such as headers that are set for it alone. */
export interface DestinationSettings {
  readonly object: Ref
  /** `spec.http[0].route[1]`. */
  readonly place: string
  readonly version: string
  /** `headers`. */
  readonly field: string
  /** As they are written. */
  readonly settings: unknown
}
