import { CanaryError } from '../../../../objects/canary-error.ts'
import { namespaceOf } from '../../../../objects/kube-object.ts'
import type { HttpRoute, VirtualService } from '../../../../objects/virtual-service.ts'
import { idOf, type RoutedService } from '../routed-service.ts'
import { fieldsOf, isFields } from '../../../../objects/unchecked.ts'
import { defaultCondition, type Condition } from '../../../../routing/condition.ts'

/**
 * Says which version is stable while a canary is on: `v1`, or `catalog=v1,orders=v3` where a VirtualService
 * routes several services.
 */
export const stableAnnotation = 'kubectl-canary/stable'
/** Says which routes are ours, whose they are, and what to put back when they go: JSON. */
export const cohortsAnnotation = 'kubectl-canary/cohorts'

/** One cohort of one service in one VirtualService. */
export interface CohortRecord {
  /** `catalog.istioinaction` */
  readonly service: string
  readonly name: string
  /** The version, as people call it. */
  readonly to: string
  /** What part of its requests goes there, in percent, where it is not all. */
  readonly share?: number
  readonly when: readonly Condition[]
  /** The exact names of the http routes that are ours. */
  readonly routes: readonly string[]
  readonly since?: string
  readonly until?: string
  readonly reason?: string
  /** Its routes are those of a sticky split for the cookie of one version; nobody set it by name. */
  readonly sticky?: true
}

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
export interface Restore {
  /** Services whose stable version was written down for a cohort. */
  readonly stable?: readonly string[]
  /** By service: base routes (by their keys, see routeKeys) that named no subset before. */
  readonly pinned?: Readonly<Record<string, Pinned>>
  /**
   * By service: the weights that lone destinations had before a split, by the route's list and key
   * (`http/#1a2b3c4d`).
   */
  readonly weights?: Readonly<Record<string, Readonly<Record<string, number>>>>
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
   * The whole object is ours: it carries routes of cohorts that stand before base routes of this
   * VirtualService (`shop/catalog`).
   */
  readonly createdFor?: string
  /** And the one that delegates to it and has its gateways, where it is a delegate (`shop/shop`). */
  readonly createdUnder?: string
}
export interface CanaryRecord {
  readonly cohorts: readonly CohortRecord[]
  readonly restore?: Restore
}

/** What we wrote down on a VirtualService; undefined where somebody else has written over it. */
export function recordIn(virtualService: VirtualService): CanaryRecord | undefined {
  const text: unknown = virtualService.metadata.annotations?.[cohortsAnnotation]
  if (text === undefined) return { cohorts: [] }
  return typeof text === 'string' ? parse(text) : undefined
}

/**
 * What we wrote down on a VirtualService. Throws a CanaryError `unreadable` where somebody else has written
 * over it.
 */
export function recordOf(virtualService: VirtualService): CanaryRecord {
  const record = recordIn(virtualService)
  if (record !== undefined) return record
  const [{ name }, namespace] = [virtualService.metadata, namespaceOf(virtualService)]
  throw new CanaryError(
    'unreadable',
    `annotation ${cohortsAnnotation} of VirtualService ${namespace}/${name} is not what kubectl canary wrote`,
    {
      hints: [
        `Delete the annotation, and the routes of cohorts with it: kubectl edit virtualservice ${name} -n ${namespace}`,
      ],
    },
  )
}

/** A version as a label or subset is named, and the short or full name of a Service, or a host, before it. */
const stablePart = /^(?:([a-z0-9][a-z0-9.-]*)=)?[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?$/

/**
 * Whether the annotation of the stable version, where there is one, has the form that is written: one version
 * for all services, one for each, or both.
 */
export function isStableReadable({ metadata }: VirtualService): boolean {
  const text: unknown = metadata.annotations?.[stableAnnotation]
  if (text === undefined) return true
  if (typeof text !== 'string') return false
  const parts = text.split(',').map(part => stablePart.exec(part.trim()))
  const services = parts.map(part => part?.[1] ?? '')
  return parts.every(part => part !== null) && new Set(services).size === services.length
}

/** A cohort as the annotation has it: the default condition is left out. */
export type WrittenCohort = Omit<CohortRecord, 'when'> & { readonly when?: readonly Condition[] }

function parse(text: string): CanaryRecord | undefined {
  const { cohorts, ...rest } = fieldsOf(parsed(text))
  if (!Array.isArray(cohorts) || !cohorts.every(isCohort)) return undefined
  if (rest['restore'] !== undefined && !isFields(rest['restore'])) return undefined
  return {
    ...rest,
    cohorts: cohorts.map(cohort => ({ ...cohort, when: cohort.when ?? [defaultCondition(cohort.name)] })),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isTextOrNone = (value: unknown): boolean => value === undefined || isText(value)

function isCohort(value: unknown): value is WrittenCohort {
  const { service, name, to, share = 0, when = [], routes, since, until, reason } = fieldsOf(value)
  return (
    [service, name, to].every(isText)
    && typeof share === 'number'
    && Array.isArray(routes)
    && routes.every(isText)
    && Array.isArray(when)
    && when.every(isCondition)
    && [since, until, reason].every(isTextOrNone)
  )
}

function isCondition(value: unknown): value is Condition {
  const { on, name, match, value: said, percent, digits } = fieldsOf(value)
  const isWhole: Readonly<Record<Condition['on'], boolean>> = {
    header: isFields(match),
    query: isFields(match),
    claim: isFields(match),
    cookie: isText(said),
    'source-label': isText(said),
    bucket: typeof percent === 'number' && (digits === 'decimal' || digits === 'hex'),
  }
  return isText(name) && Object.entries(isWhole).some(([kind, whole]) => kind === on && whole)
}

/** What is written down of the service's cohorts; nothing where the record cannot be read. */
export const cohortsIn = (virtualService: VirtualService, service: RoutedService): readonly CohortRecord[] =>
  (recordIn(virtualService)?.cohorts ?? []).filter(cohort => cohort.service === idOf(service))

/** The names of all http routes that are ours, for whatever cohort; none where the record cannot be read. */
export const ourRoutes = (virtualService: VirtualService): ReadonlySet<string> =>
  new Set((recordIn(virtualService)?.cohorts ?? []).flatMap(({ routes }) => routes))

/** The VirtualService for which we made this one, `namespace/name`; undefined for one that is not ours. */
export const createdFor = (virtualService: VirtualService): string | undefined =>
  recordIn(virtualService)?.restore?.createdFor

/** By which VirtualService requests come to the one for which we made this one: itself, or one that delegates to it. */
export const createdUnder = (virtualService: VirtualService): string | undefined =>
  recordIn(virtualService)?.restore?.createdUnder ?? createdFor(virtualService)
