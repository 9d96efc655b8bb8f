import type { Ref } from '../../objects/kube-object.ts'

/** A rule that sends the connections of a port to one Service: no share or cohort applies to them. */
export interface StreamNote {
  readonly kind: 'stream-rule'
  readonly object: Ref
  /** `spec.stream[0]`. */
  readonly place: string
  /** `TCP connections to port 9100`. */
  readonly takes: string
  readonly service: string
}

/** What a person should know of an edit because of what one routing API, or pods alone, can carry out. */
export type ProviderNote =
  | StreamNote
  /** A new DestinationRule in files, beside routes that name subsets already: another file may have a rule that defines these. */
  | {
      readonly kind: 'rule-elsewhere'
      readonly object: Ref
      readonly service: string
      readonly route: Ref
      /** The subsets that the route names. */
      readonly subsets: readonly string[]
    }
  /** A plugin of a rule divides its requests, and not the weights of its backends; `where` says where it is written. */
  | {
      readonly kind: 'plugin-divides'
      readonly object: Ref
      readonly place: string
      readonly plugin: string
      readonly where: string
    }
  /** The controller that carries a route out says that it does not, or not as it is written. */
  | { readonly kind: 'route-refused'; readonly object: Ref; readonly by: string; readonly reason: string }
  /** The percentage of a canary is one that its controller loses: it keeps the share from before. */
  | { readonly kind: 'percentage-lost'; readonly object: Ref }
  /** Any event on the object pauses the canary. */
  | { readonly kind: 'event-pauses'; readonly object: Ref }
  /** A version has all requests, which nothing takes back: neither an abort nor an undo. */
  | { readonly kind: 'release-is-final'; readonly service: string; readonly version: string }
  /** A new route names no ingress class, so that not every controller follows it. */
  | { readonly kind: 'no-ingress-class'; readonly object: Ref }
  /** From now on the requests of one client address go to one pod, for this many seconds after the last one. */
  | { readonly kind: 'affinity-starts'; readonly service: string; readonly ttl: number }
  /** Client addresses are not kept at a pod any more. */
  | { readonly kind: 'affinity-ends'; readonly service: string }
  /** So many pods cannot express the share that was asked for. */
  | {
      readonly kind: 'share-by-pods'
      readonly pods: number
      readonly shares: readonly { readonly version: string; readonly asked: number; readonly pods: number }[]
      /** The next number of pods that can. */
      readonly exact: number
      /** How there are so many; the command has to be repeated after it. */
      readonly fix?: string
      /** A run asks for the shares, which scaling by somebody else stops. */
      readonly inRun?: boolean
    }
  /** All pods of a PodDisruptionBudget go, which it does not hold up; `asks` is what it says. */
  | { readonly kind: 'budget-empty'; readonly object: Ref; readonly asks: string }
  /** None of the pods that are left may be evicted. */
  | { readonly kind: 'budget-blocks'; readonly object: Ref; readonly asks: string; readonly pods: number }
  /** An autoscaler keeps a Deployment below the replicas that it had before the canary. */
  | {
      readonly kind: 'autoscaler-holds'
      readonly object: Ref
      readonly deployment: string
      readonly pods: number
      readonly before: number
      readonly fix: string
      /** The same where the object is written in files. */
      readonly edit: string
    }
