import type { Condition } from './condition.ts'

/** A cohort as it is wanted: the requests that meet all conditions go to one version. */
export interface WantedCohort {
  readonly name: string
  /** The version, as people call it. */
  readonly to: string
  /** What part of its requests goes there, a whole percentage; the rest goes to stable. All when left out. */
  readonly share?: number
  readonly when: readonly Condition[]
  /** RFC 3339: when it was set, and when it is meant to end. */
  readonly since?: string
  readonly until?: string
  readonly reason?: string
}

/** Users keep the version that they got first, by a cookie that the responses of each version set. */
export interface WantedSticky {
  readonly cookie: string
  /** How long it binds after the last request, in whole seconds. */
  readonly ttl: number
  /** RFC 3339: when it was asked for; undefined for one that is there and stays. */
  readonly since: string | undefined
}

/** A version that gets copies of requests, whose answers are dropped. */
export interface WantedMirror {
  /** The version, as people call it. */
  readonly to: string
  /** Of the requests, in percent: above 0, at most 100, with at most four decimals. */
  readonly percent: number
}

/** What share of the requests each version gets. */
export interface WantedSplit {
  /** Whole percentages that add up to 100, the stable version first. */
  readonly shares: readonly { readonly version: string; readonly percent: number }[]
  /**
   * A route that singles out some senders (by header, cookie, label) for other versions than these is
   * somebody's own arrangement, and is left unchanged. Without it, all routes get the split.
   */
  readonly replaces?: readonly string[]
}

/**
 * The desired state of a service, as one verb leaves it; free of any routing API's spelling. A provider
 * brings the objects from the present state to this one.
 */
export interface Wanted {
  /**
   * The version that everyone else gets while a canary is under way; undefined when no canary is: nothing is
   * then recorded.
   */
  readonly stable?: string
  /** Undefined keeps the shares of every route. */
  readonly split?: WantedSplit
  /** With a split: its shares are those of users without the cookie. Left out, nobody keeps a version. */
  readonly sticky?: WantedSticky | undefined
  /** Every cohort that the service shall have. */
  readonly cohorts: readonly WantedCohort[]
  /** The cohort whose routes are created again from their base routes, as when it is set. */
  readonly renewed?: string
  /** The cohort that the renewed one goes before, for requests of both. */
  readonly before?: string | undefined
  /** Every mirror that the service shall have beside those written by hand; undefined keeps them as they are. */
  readonly mirrors?: readonly WantedMirror[]
  /** The versions whose preview hosts and mirrors go, those written by hand too; the others stay. */
  readonly unmirrored?: readonly string[]
}

/** The routes that an edit is for, as a person named them; all where nothing is named. */
export interface RouteChoice {
  /** A route's name, a path that it takes, or its place (`http[1]`). */
  readonly routes: readonly string[]
  /** The objects whose routes are meant: `NAME` or `NAMESPACE/NAME`. */
  readonly objects: readonly string[]
}

/** A service that is to be routed for the first time. */
export interface WantedStart {
  /** The version that gets everything. */
  readonly stable: string
  /** Gateways (`NAME` or `NAMESPACE/NAME`) by which it is reached from outside, and the hosts there. */
  readonly gateways: readonly string[]
  readonly hosts: readonly string[]
  /** Callers inside the mesh are meant, also where gateways are covered already. */
  readonly mesh?: boolean
  /** Override the routes of others. */
  readonly force: boolean
  /** A version that is shown at hosts of its own until it is promoted, and the gateways where they are. */
  readonly preview?: {
    readonly version: string
    readonly hosts: readonly string[]
    readonly gateways: readonly string[]
  }
}
