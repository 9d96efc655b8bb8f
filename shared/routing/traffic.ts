import type { Ref } from '../objects/kube-object.ts'
import type { Note } from './note.ts'
import type { VersionWorkload } from './service.ts'
import { formatCondition, type Condition } from './condition.ts'

/** What runs a version, as it is shown. */
export interface SeenWorkload extends Omit<VersionWorkload, 'ready'> {
  /** Left out on files. */
  readonly ready?: number
}

/** One version of a service, as people call it, and its subset or Service where it has one. */
export interface Version {
  /** The version label's value where there is one, else the subset's name. */
  readonly name: string
  readonly subset?: string
  /** The Service that is the version: `catalog-v2`, in another namespace `catalog-v2.next`. */
  readonly host?: string
  /** Pods that are ready, of those wanted; left out where the workloads could not be seen. */
  readonly ready?: number
  readonly wanted?: number
  /** What runs it, each with its pods; left out where it could not be seen. */
  readonly workloads?: readonly SeenWorkload[]
  /** The callers of the service's routes for whom it is no version: they apply no definition of it. */
  readonly unseenBy?: readonly string[]
}

/**
 * What files leave open about a destination: the DestinationRule of its subset is not among them, or the name of its
 * subset is a placeholder, such as `${STABLE}`.
 */
export type UnknownTarget = 'destination-rule' | 'placeholder'

/** A version's share of an entry point's traffic, in percent (one decimal) as it takes effect at run time. */
export interface Share {
  readonly version: string
  readonly percent: number
  /** The id of the rule that says why these requests are answered with an error, for all callers. */
  readonly fault?: string
  /** What they are answered with, where it is not 503. */
  readonly faultStatus?: number
  /** Connections of tcp and tls routes: they are closed, and nothing answers them. */
  readonly closes?: true
  /** Set where the files leave open whether they are answered: nothing is wrong with what was read. */
  readonly unknown?: UnknownTarget
  /** The callers for whom they are, where it is not all, and the rule's id. */
  readonly failsFor?: { readonly callers: readonly string[]; readonly rule: string }
}

/** Who gets the requests that one route takes. */
export interface Split {
  /** What the route takes (`/items*`), empty for everything. */
  readonly takes: string
  readonly shares: readonly Share[]
  /** False for a route that no request reaches: its shares do not count. */
  readonly reached: boolean
  /** Of one that is not, the objects that take these requests only if they are older: files do not tell. */
  readonly unlessOlderThan?: readonly Ref[]
  /** A weight that is no number, such as `${WEIGHT}`: its shares are not known, and do not count. */
  readonly unknownWeight?: string
}

/** A named group of requests and the version that they go to. */
export interface CohortRoute {
  readonly name: string
  readonly to: string
  /** Who gets what of its requests, where they are split. */
  readonly shares?: readonly Share[]
  readonly conditions: readonly Condition[]
  /** What its routes take (`/items*`, empty for everything), where it is on some of the routes only. */
  readonly takes?: readonly string[]
  readonly since?: string
  readonly until?: string
  readonly reason?: string
  /** False for a cohort none of whose routes takes a request. */
  readonly reached: boolean
  /** The id of the rule that says why its requests are answered with 503. */
  readonly fault?: string
  /** Set where the files leave open whether they are answered. */
  readonly unknown?: UnknownTarget
  /** The places of base routes that the cohort does not cover: they were added after it. */
  readonly uncovered: readonly string[]
}

/** How users keep their version of a split: the shares are those of users without the cookie. */
export interface StickySplit {
  readonly cookie: string
  /** How long it binds after the last request, in seconds. */
  readonly ttl: number
  /** The versions at which users are kept: those whose routes take requests. */
  readonly versions: readonly string[]
  /** The places of routes that set the cookie and do not keep to it. */
  readonly uncovered: readonly string[]
}

/** A version that gets copies of requests; the answers to them are dropped. */
export interface MirrorRoute extends Pick<Share, 'fault' | 'failsFor' | 'unknown'> {
  readonly version: string
  /** Of the requests, in percent, with at most four decimals. */
  readonly percent: number
  /** Written by hand, and not set by a command. */
  readonly byHand: boolean
  /** It leads to another service, and is no part of a canary; `version` is what that is called. */
  readonly isElsewhere?: true
  /** What its routes take (`/items*`, empty for everything), where it is on some of the routes only. */
  readonly takes?: readonly string[]
}

/** Why an entry point takes no requests: the id of the rule, and a sentence about it. */
export interface Idle {
  readonly rule: string
  readonly reason: string
}

/** An object that is never in effect: the API server, or the validation of its API, refuses it. */
export interface Rejection extends Ref {
  /** The id of the rule that says so. */
  readonly rule: string
}

/** What takes a service's requests at one place: one routing object. */
export interface EntryPoint {
  readonly ref: Ref
  readonly hosts: readonly string[]
  readonly gateways: readonly string[]
  /** The namespace whose callers alone it is for. */
  readonly callersIn?: string
  /** The routing objects that delegate to it, where it has no hosts of its own. */
  readonly roots?: readonly Ref[]
  readonly cohorts: readonly CohortRoute[]
  /** One per base route to the service, in order. */
  readonly splits: readonly Split[]
  readonly mirrors: readonly MirrorRoute[]
  readonly sticky?: StickySplit
  /** For this many seconds after its last request, a client address stays at the pod that it got. */
  readonly affinity?: number
  /** What the shares depend on, where these change with the state of pods: how many of each version are asked for. */
  readonly asked?: readonly (readonly [version: string, pods: number])[]
  /** The version that it shows before promotion, at a host of its own: its shares are not shares of ordinary requests. */
  readonly preview?: string
  /** Set where the mesh carries none of its routes out. */
  readonly idle?: Idle
  /** Set where it, or what delegates to it, is refused in files: what is said of it is as written. No provider sets it. */
  readonly rejected?: Rejection
  /** The controller or field that rewrites it: `Canary flagger.app catalog-release`. */
  readonly owner?: string
}

/** Who gets what of one service, as the mesh carries it out; free of any API's spelling. */
export interface Traffic {
  /** Short name and namespace of the Service. */
  readonly service: string
  readonly namespace: string
  readonly stable?: string
  readonly versions: readonly Version[]
  readonly entryPoints: readonly EntryPoint[]
  /** Objects of other routing APIs that route the Service, too. */
  readonly foreign?: readonly Ref[]
  readonly notes: readonly Note[]
}

/** Who is in a cohort, for people: `x-istio-cohort: internal on /items*`. */
export const formatWho = ({ conditions, takes }: Pick<CohortRoute, 'conditions' | 'takes'>): string =>
  conditions.map(formatCondition).join(' and ') + (takes === undefined ? '' : ` ${formatTakes(takes)}`)

/** On which routes: `on /items*, everything else`. */
export const formatTakes = (takes: readonly string[]): string =>
  `on ${takes.map(text => text || 'everything else').join(', ')}`

/** The label of a share that goes to the pods of all versions alike, because the route names no subset. */
export const anyOf = (versions: readonly { readonly name: string }[]): string =>
  `any of ${versions.map(({ name }) => name).join(', ')}`

/** Whether it takes ordinary requests of the service: it is in effect, and no preview. */
export const takesRequests = ({ idle, preview, rejected }: EntryPoint): boolean =>
  idle === undefined && preview === undefined && rejected === undefined

/** The shares that count: of a route that is reached and is no preview, those whose requests are answered. */
export const countedShares = (entryPoint: EntryPoint): readonly (readonly Share[])[] =>
  takesRequests(entryPoint)
    ? entryPoint.splits
        .filter(({ reached, unknownWeight }) => reached && unknownWeight === undefined)
        .map(({ shares }) => shares.filter(({ fault }) => fault === undefined))
    : []
