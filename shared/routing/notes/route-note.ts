import type { Ref } from '../../objects/kube-object.ts'

/** What an edit does to routes that somebody wrote, or leaves of them. */
export type RouteNote =
  /** The route singles out some senders for another version and keeps its shares. */
  | { readonly kind: 'route-unchanged'; readonly object: Ref; readonly place: string }
  /** Destinations of a version get the settings that one of another version has; `settings` is JSON. */
  | {
      readonly kind: 'settings-copied'
      readonly object: Ref
      readonly places: readonly string[]
      readonly version: string
      readonly from: string
      readonly field: string
      readonly settings: string
    }
  /** A route that somebody wrote for some senders is moved to another version with all others. */
  | {
      readonly kind: 'route-moved'
      readonly object: Ref
      readonly place: string
      readonly takes: string
      readonly from: readonly string[]
      readonly to: string
    }
  /** Routes of connections, which are left out of a cohort or not mirrored, as they have no requests to distinguish. */
  | {
      readonly kind: 'connections-unchanged'
      readonly routes: readonly { readonly object: Ref; readonly place: string }[]
      readonly by: 'cohort' | 'mirror'
    }
  /** A new route is for HTTP: connections at these ports of the Service go to any version. */
  | {
      readonly kind: 'ports-not-routed'
      readonly object: Ref
      readonly service: string
      readonly ports: readonly number[]
    }
  /** The routes that are there give everything to other versions than the one that was called stable, and stay. */
  | {
      readonly kind: 'stable-gets-nothing'
      readonly service: string
      readonly version: string
      readonly takers: readonly string[]
      readonly fix: string
    }
  /** Routes that a person left out of the canary keep their shares. */
  | {
      readonly kind: 'left-out'
      readonly routes: readonly {
        readonly object: Ref
        readonly place: string
        readonly takes: string
        readonly versions: readonly string[]
      }[]
    }
