import type { ProviderNote } from './notes/provider-note.ts'
import type { RouteNote } from './notes/route-note.ts'
import type { RecordNote } from './record/record-note.ts'
import type { Ref } from '../objects/kube-object.ts'

/** A route of another object that a new route overrides, and what it does. */
export interface OverriddenRoute {
  readonly object: Ref
  /** `spec.http[0]`. */
  readonly place: string
  /** `/admin*: answers 403`. */
  readonly does: string
}

/** A fix as a whole command, and the same as the edit of an object that is written in files. */
export interface NoteFix {
  readonly fix: string
  readonly edit: string
}

/**
 * What a person should know of a service or an edit and did not ask, as data; the sentences are made where
 * they are printed. `fix` is a whole command.
 */
export type Note =
  /** A cohort keeps its version when another one is promoted. */
  | { readonly kind: 'cohort-stays'; readonly cohort: string; readonly version: string }
  /** A cohort ends with the canary. */
  | { readonly kind: 'cohort-ends'; readonly cohort: string; readonly version: string }
  /**
   * A cohort gets no request at these objects, of one kind: where one cohort is the reason, `by` names it; `again`
   * repeats the command to move it.
   */
  | {
      readonly kind: 'cohort-not-reached'
      readonly cohort: string
      readonly objects: readonly Ref[]
      readonly by?: string
      readonly again?: string
    }
  /** The preview of a version at hosts of its own ends with the canary, or stays as it is. */
  | {
      readonly kind: 'preview-ends' | 'preview-stays'
      readonly version: string
      readonly hosts: readonly string[]
    }
  /** Shadow traffic ends with the canary, or stays as it is. */
  | {
      readonly kind: 'mirror-ends' | 'mirror-stays'
      readonly to: string
      readonly routes: readonly { readonly object: Ref; readonly place: string }[]
    }
  /** Nothing is mirrored by a command, so that there is nothing to end. */
  | { readonly kind: 'no-mirrors'; readonly service?: string; readonly namespace: string }
  /** Versions get copies of requests, whose effects are real. */
  | { readonly kind: 'copies-have-effects'; readonly versions: readonly string[] }
  /** A route sends all its requests to a version already, and is not mirrored to it. */
  | { readonly kind: 'mirror-not-needed'; readonly object: Ref; readonly place: string; readonly to: string }
  /** No canary is under way: everything goes to `stable`, where there is one; `back` gives it to another version. */
  | {
      readonly kind: 'nothing-to-abort'
      readonly service: string
      readonly stable?: string
      readonly back?: string
    }
  /** A cohort of several services is told by what each of them must send on; `entries` are reached by gateways. */
  | {
      readonly kind: 'forward'
      readonly cohort: string
      /** `header x-istio-cohort`. */
      readonly carried: readonly string[]
      readonly services: readonly string[]
      readonly entries: readonly string[]
    }
  /** What follows from a controller that owns a rollout of the service, in a sentence of its own. */
  | { readonly kind: 'controller'; readonly says: string }
  /** No cohort's end has passed; the namespace may be `*`. */
  | { readonly kind: 'none-expired'; readonly namespace: string }
  /** A cohort that is to be removed does not exist; `others` do. */
  | {
      readonly kind: 'no-such-cohort'
      readonly cohort: string
      readonly service?: string
      readonly namespace: string
      readonly others: readonly string[]
    }
  /** The object is applied by a tool that may revert an edit. */
  | { readonly kind: 'applied-by'; readonly object: Ref; readonly tool: string }
  /** The object is applied by a tool that has been told to leave what the edit changes; `by` says where. */
  | { readonly kind: 'edit-kept'; readonly object: Ref; readonly tool: string; readonly by: string }
  /** A version without requests has had none yet, and is not old. */
  | { readonly kind: 'not-used-yet'; readonly version: string; readonly live: boolean }
  /** A version that gets no requests of the service stays: other routes name it, whether they are in effect or not. */
  | { readonly kind: 'version-named'; readonly version: string; readonly routes: readonly Ref[] }
  /** The pods of an old version go; `replicas` is how many are wanted until then, 1 where the object says nothing. */
  | { readonly kind: 'workload-scaled'; readonly object: Ref; readonly replicas: number }
  /** A workload of an old version stays: others use its pods, or it cannot be scaled. */
  | {
      readonly kind: 'workload-kept'
      readonly object: Ref
      /** Services and ServiceEntries that send requests to its pods, too. */
      readonly behind: readonly Ref[]
      /** Versions that stay and have the same pods. */
      readonly versions: readonly string[]
    }
  /** Routes lead to all pods alike, so that no version is old. */
  | { readonly kind: 'all-versions-in-use'; readonly service: string }
  /** Somebody else changed another part of the object since the recorded change: it stays. */
  | { readonly kind: 'drift-merged'; readonly object: Ref }
  /** A version has fewer ready pods than its share needs, measured by those that serve the requests now. */
  | {
      readonly kind: 'too-few-pods'
      readonly service: string
      readonly version: string
      readonly percent: number
      /** How much of it are copies. */
      readonly mirrored?: number
      readonly ready: number
      readonly needed: number
      /** Ready pods of the version that serves the requests now. */
      readonly served: number
      readonly by: string
      /** What adds pods by load, and how many there are at most. */
      readonly autoscaler?: { readonly object: Ref; readonly most: number }
    }
  /** Proxies of callers do not choose among the pods of the service; `rule` explains why. */
  | { readonly kind: 'not-split'; readonly service: string; readonly rule: string }
  /** A Service asks for session affinity, which proxies do not give: users of a split change version. */
  | { readonly kind: 'affinity-ignored'; readonly service: string; readonly fix: string }
  /** Objects of another routing API route the service, too. */
  | {
      readonly kind: 'foreign-routes'
      readonly service: string
      readonly routes: readonly Ref[]
      /** The APIs do not contradict each other: each is for other requests. */
      readonly isApart?: true
      /** The shares that are told depend on pods alone. */
      readonly isLast?: true
    }
  /** Conditions on the labels of callers do not apply at gateways. */
  | { readonly kind: 'no-labels-at-gateways'; readonly object: Ref; readonly cohort: string }
  /** Conditions on the claims of tokens do not apply in the mesh. */
  | { readonly kind: 'no-claims-in-mesh'; readonly object: Ref; readonly cohort: string }
  /** Nothing in view lets the proxies of these gateways read tokens; `unread` where that may not be read. */
  | {
      readonly kind: 'no-request-authentication'
      readonly cohort: string
      readonly gateways: readonly string[]
      readonly unread: boolean
    }
  /** A new object of the service replaces a wider one, whose settings it copies. */
  | {
      readonly kind: 'copied-settings'
      readonly service: string
      readonly object: Ref
      readonly from: Ref
      /** The fields that are copied: `trafficPolicy`. */
      readonly fields: readonly string[]
    }
  /** Routes of others no longer apply, because a person insisted. */
  | { readonly kind: 'overridden'; readonly service: string; readonly routes: readonly OverriddenRoute[] }
  /** Callers do not see the routes. */
  | {
      readonly kind: 'not-exported'
      readonly callers: readonly string[]
      readonly object: Ref
      readonly fix: string
      /** The same where the object is written in files. */
      readonly edit: string
    }
  /** The Sidecar of the callers does not import the routes; `entry` is what its hosts lack. */
  | {
      readonly kind: 'not-imported'
      readonly callers: readonly string[]
      readonly object: Ref
      readonly entry: string
    }
  /** A route of another namespace than the Service, which is for callers of its own namespace only. */
  | { readonly kind: 'consumer-route'; readonly object: Ref; readonly parent: Ref }
  /** Callers without a proxy do not follow http routes. */
  | {
      readonly kind: 'no-sidecar' | 'no-waypoint'
      readonly service: string
      readonly namespaces: readonly string[]
      readonly workloads: readonly Ref[]
    }
  /** No route of the service is for callers inside the mesh. */
  | {
      readonly kind: 'mesh-not-covered'
      readonly service: string
      readonly fix?: string
      /** The same where it is the edit of an object that is written in files. */
      readonly edit?: string
      /** The edit of a routing object that is there, in place of a new one. */
      readonly extend?: NoteFix
    }
  /** A routing object takes no requests; `rule` explains why. */
  | { readonly kind: 'idle'; readonly object: Ref; readonly reason: string; readonly rule: string }
  /** A Gateway serves none of the hosts of a routing object. */
  | { readonly kind: 'gateway-serves-no-host'; readonly gateway: string; readonly object: Ref }
  /** A share of a header's values by the digits at their end rests on these being spread evenly. */
  | {
      readonly kind: 'bucket-limits'
      readonly header: string
      readonly digits: 'decimal' | 'hex'
      readonly count: number
    }
  /** From now on users keep their version by a cookie; callers that keep no cookies do not. */
  | {
      readonly kind: 'sticky-starts'
      readonly service: string
      readonly cookie: string
      readonly ttl: number
    }
  /** Users do not keep their version any more. */
  | { readonly kind: 'sticky-ends'; readonly cookie: string }
  /** Routes that set the cookie of a sticky split have no routes before them that keep to it. */
  | { readonly kind: 'sticky-lacks-routes'; readonly places: readonly string[]; readonly fix: string }
  /** Connections of these kinds carry nothing by which a cohort could be told. */
  | {
      readonly kind: 'not-http'
      readonly object: Ref
      readonly service: string
      readonly sections: readonly string[]
      /** It has http routes, too. */
      readonly isMixed: boolean
    }
  /** No request reaches one route. */
  | { readonly kind: 'route-not-reached'; readonly object: Ref; readonly place: string }
  | RecordNote
  | ProviderNote
  | RouteNote
