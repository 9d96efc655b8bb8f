import { CanaryError } from '../../../objects/canary-error.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import type { VirtualService } from '../../../objects/virtual-service.ts'
import { idOf, type RoutedService } from './routed-service.ts'
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
  /** By service: base routes (by their keys, see routeKeys) that named no subset before. */
  readonly pinned?: Readonly<Record<string, { readonly subset: string; readonly routes: readonly string[] }>>
  /** By service: the weights that lone destinations had before a split, by the route's list and key (`http/#1a2b3c4d`). */
  readonly weights?: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** The object had an `annotations: {}`. */
  readonly emptyAnnotations?: boolean
  /** The whole object is ours: it carries routes of cohorts that stand before base routes of this VirtualService (`shop/catalog`). */
  readonly createdFor?: string
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

/** What we wrote down on a VirtualService. Throws a CanaryError `unreadable` where somebody else has written over it. */
export function recordOf(virtualService: VirtualService): CanaryRecord {
  const record = recordIn(virtualService)
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
export type WrittenCohort = Omit<CohortRecord, 'when'> & { readonly when?: readonly Condition[] }

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

/** What is written down of the service's cohorts; nothing where the record cannot be read. */
export const cohortsIn = (virtualService: VirtualService, service: RoutedService): readonly CohortRecord[] =>
  (recordIn(virtualService)?.cohorts ?? []).filter(cohort => cohort.service === idOf(service))

/** The names of all http routes that are ours, for whatever cohort; none where the record cannot be read. */
export const ourRoutes = (virtualService: VirtualService): ReadonlySet<string> =>
  new Set((recordIn(virtualService)?.cohorts ?? []).flatMap(({ routes }) => routes))

/** The VirtualService for which we made this one, `namespace/name`; undefined for one that is not ours. */
export const createdFor = (virtualService: VirtualService): string | undefined =>
  recordIn(virtualService)?.restore?.createdFor
