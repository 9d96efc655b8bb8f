import { CanaryError } from '../../../objects/canary-error.ts'
import { namespaceOf, type KubeObject } from '../../../objects/kube-object.ts'
import type { VirtualService } from '../../../objects/virtual-service.ts'
import { defaultCondition, type Condition } from '../../../routing/condition.ts'

/** Says which version is stable while a canary is on: `v1`, or `catalog=v1,orders=v3` where a VirtualService routes several services. */
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
  readonly when: readonly Condition[]
  /** The exact names of the http routes that are ours. */
  readonly routes: readonly string[]
  readonly since?: string
  readonly until?: string
  readonly reason?: string
}

/** What adding cohorts changed besides their routes, so that removing the last one gives back what was there. */
export interface Restore {
  /** Services whose stable version was written down for a cohort. */
  readonly stable?: readonly string[]
  /** By service: base routes (by their place among the service's) that named no subset before. */
  readonly pinned?: Readonly<Record<string, { readonly subset: string; readonly routes: readonly number[] }>>
  /** By service: the weights that lone destinations had before a split, by the route's place among the service's in its list (`http[0]`). */
  readonly weights?: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** The object had an `annotations: {}`. */
  readonly emptyAnnotations?: boolean
}
export interface CanaryRecord {
  readonly cohorts: readonly CohortRecord[]
  readonly restore?: Restore
}

/** What we wrote down on a VirtualService. Throws a CanaryError `unreadable` where somebody else has written over it. */
export function recordOf(virtualService: VirtualService): CanaryRecord {
  const text = virtualService.metadata.annotations?.[cohortsAnnotation]
  if (text === undefined) return { cohorts: [] }
  const record = parse(text)
  if (record !== undefined) return record
  throw new CanaryError(
    'unreadable',
    `annotation ${cohortsAnnotation} of VirtualService ${namespaceOf(virtualService)}/${virtualService.metadata.name} is not what kubectl canary wrote`,
    {
      hints: [
        `Delete the annotation, and the routes of cohorts with it: kubectl edit virtualservice ${virtualService.metadata.name} -n ${namespaceOf(virtualService)}`,
      ],
    },
  )
}

/** The usual condition goes without saying. */
type WrittenCohort = Omit<CohortRecord, 'when'> & { readonly when?: readonly Condition[] }
const written = ({ when, ...cohort }: CohortRecord): WrittenCohort =>
  JSON.stringify(when) === JSON.stringify([defaultCondition(cohort.name)]) ? cohort : { ...cohort, when }

function parse(text: string): CanaryRecord | undefined {
  try {
    const value = JSON.parse(text) as {
      readonly cohorts?: readonly WrittenCohort[]
      readonly restore?: Restore
    } | null
    if (value === null || !Array.isArray(value.cohorts)) return undefined
    const cohorts = value.cohorts as readonly WrittenCohort[]
    const isRecord = cohorts.every(
      cohort =>
        typeof cohort?.name === 'string'
        && typeof cohort.service === 'string'
        && typeof cohort.to === 'string'
        && Array.isArray(cohort.routes)
        && Array.isArray(cohort.when ?? []),
    )
    return isRecord
      ? {
          ...value,
          cohorts: cohorts.map(cohort => ({
            ...cohort,
            when: cohort.when ?? [defaultCondition(cohort.name)],
          })),
        }
      : undefined
  } catch {
    return undefined
  }
}

/** Writes the record down; an empty one leaves no trace, not even of the annotations that it needed. */
export function withRecord(
  virtualService: VirtualService,
  { cohorts, restore: given = {} }: CanaryRecord,
): VirtualService {
  const { annotations } = virtualService.metadata
  const hadNone = annotations !== undefined && Object.keys(annotations).length === 0
  const restore = hadNone ? { ...given, emptyAnnotations: true } : given
  const left = Object.fromEntries(Object.entries(restore).filter(([, value]) => isFilled(value)))
  const isStableWritten = annotations?.[stableAnnotation] !== undefined
  const isEmpty =
    cohorts.length === 0 && Object.keys(left).every(key => key === 'emptyAnnotations' && !isStableWritten)
  const text = isEmpty
    ? undefined
    : JSON.stringify({
        cohorts: cohorts.map(written),
        ...(Object.keys(left).length === 0 ? {} : { restore: left }),
      })
  return withAnnotation(virtualService, {
    key: cohortsAnnotation,
    value: text,
    keepEmpty: isEmpty && restore.emptyAnnotations === true,
  })
}

/** Writes down that there are annotations, but none in them, before the first one comes. */
export function noteEmptyAnnotations(virtualService: VirtualService): VirtualService {
  const { annotations } = virtualService.metadata
  if (annotations === undefined || Object.keys(annotations).length > 0) return virtualService
  return withAnnotation(virtualService, {
    key: cohortsAnnotation,
    value: JSON.stringify({ cohorts: [], restore: { emptyAnnotations: true } }),
  })
}

const isFilled = (value: unknown): boolean =>
  typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : value === true

interface Annotation {
  readonly key: string
  readonly value: string | undefined
  /** Leave `annotations: {}` behind, because it stood there before. */
  readonly keepEmpty?: boolean
}

/** The object with one annotation set, or taken away; a map that this empties goes with it. */
export function withAnnotation<T extends KubeObject>(
  object: T,
  { key, value, keepEmpty = false }: Annotation,
): T {
  const before = object.metadata.annotations ?? {}
  if (before[key] === value) return object
  const annotations =
    value === undefined
      ? Object.fromEntries(Object.entries(before).filter(([name]) => name !== key))
      : { ...before, [key]: value }
  const { annotations: _, ...bare } = object.metadata
  const isGone = Object.keys(annotations).length === 0 && !keepEmpty
  return { ...object, metadata: isGone ? bare : { ...object.metadata, annotations } }
}
