import type { HttpRoute, VirtualService, WeightedDestination } from '../../../../objects/virtual-service.ts'
import { readRecord, unreadableRecord, type WrittenRecord } from '../../../../routing/record/record.ts'

/** A split by which users keep the version that they got first. */
export interface StickyRecord {
  /** The name of the cookie, and how long it binds after the last request, in seconds. */
  readonly cookie: string
  readonly ttl: number
  /** When it began, so that the cookies of an earlier canary bind nobody. */
  readonly start: string
  /** How often the split changed since: the cookie of the stable version ends with each change. */
  readonly turn: number
  /** The split: `v1=90,v2=10`. */
  readonly split: string
}

/**
 * The base routes of a service that were turned to a subset, by their keys; of those that have names, what
 * they ask (`#1a2b3c4d`), should they be renamed.
 */
export interface Pinned {
  readonly subset: string
  readonly routes: readonly string[]
  readonly asks?: Readonly<Record<string, string>>
}

/** The fields of an http route that say what is mirrored. */
export const mirrorFields = [
  'mirror',
  'mirrorPercentage',
  'mirrorPercent',
  'mirror_percent',
  'mirrors',
] as const
export type MirrorFields = Pick<HttpRoute, (typeof mirrorFields)[number]>

/** What is written down of a base route to which mirrors were added. */
export interface MirroredRoute {
  /** What it mirrors to because we were told to: subsets, or full hosts of versions that are Services. */
  readonly subsets: readonly string[]
  /** What a route with a name asks (`#1a2b3c4d`), should it be renamed. */
  readonly asks?: string
  /** The mirrors that were written by hand, where there were any. */
  readonly before?: MirrorFields
  /** And the keys of the route at that time, in their order. */
  readonly keys?: readonly string[]
}

/**
 * What adding cohorts changed besides their routes, so that removing the last one gives back what was there.
 */
export type LoneWeight = number | readonly WeightedDestination[]

export interface Restore {
  /** Services whose stable version was written down for a cohort. */
  readonly stable?: readonly string[]
  /** By service: base routes (by their keys, see routeKeys) that named no subset before. */
  readonly pinned?: Readonly<Record<string, Pinned>>
  /**
   * By service: the weights that lone destinations had before a split, and the destinations of which one had everything,
   * by the route's list and key (`http/#1a2b3c4d`).
   */
  readonly weights?: Readonly<Record<string, Readonly<Record<string, LoneWeight>>>>
  /**
   * By service: the destinations of versions that a split removed from routes, with their settings, by the route's list
   * and key.
   */
  readonly removed?: Readonly<Record<string, Readonly<Record<string, readonly WeightedDestination[]>>>>
  /**
   * By service: the routes that the canary is on, where a person chose them (`http/NAME#1a2b3c4d`, see
   * chosenRoutes). Without it, the canary is on all.
   */
  readonly only?: Readonly<Record<string, readonly string[]>>
  /** By service: the split that is sticky. */
  readonly sticky?: Readonly<Record<string, StickyRecord>>
  /** By service: what was changed on base routes (by their keys, see routeKeys) that mirror to versions. */
  readonly mirrors?: Readonly<Record<string, Readonly<Record<string, MirroredRoute>>>>
  /** The object had an `annotations: {}`. */
  readonly emptyAnnotations?: boolean
  /**
   * The whole object is ours: it carries routes of cohorts that are before base routes of this
   * VirtualService (`shop/catalog`).
   */
  readonly createdFor?: string
  /** And the one that delegates to it and has its gateways, where it is a delegate (`shop/shop`). */
  readonly createdUnder?: string
}
export type CanaryRecord = WrittenRecord<Restore>

/** What we wrote down on a VirtualService; undefined where somebody else has written over it. */
export const recordIn = (virtualService: VirtualService): CanaryRecord | undefined =>
  readRecord<Restore>(virtualService)

/**
 * What we wrote down on a VirtualService. Throws a CanaryError `unreadable` where somebody else has written
 * over it.
 */
export function recordOf(virtualService: VirtualService): CanaryRecord {
  const record = recordIn(virtualService)
  if (record !== undefined) return record
  throw unreadableRecord(virtualService)
}

/** The names of all http routes that are ours, for whatever cohort; none where the record cannot be read. */
export const ourRoutes = (virtualService: VirtualService): ReadonlySet<string> =>
  new Set((recordIn(virtualService)?.cohorts ?? []).flatMap(({ routes }) => routes))

/** The VirtualService for which we made this one, `namespace/name`; undefined for one that is not ours. */
export const createdFor = (virtualService: VirtualService): string | undefined =>
  recordIn(virtualService)?.restore?.createdFor

/** By which VirtualService requests come to the one for which we made this one: itself, or one that delegates to it. */
export const createdUnder = (virtualService: VirtualService): string | undefined =>
  recordIn(virtualService)?.restore?.createdUnder ?? createdFor(virtualService)
