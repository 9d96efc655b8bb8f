import type { KubeObject } from '../../objects/kube-object.ts'
import { defaultCondition } from '../condition.ts'
import { idOf, type RoutedService } from '../service.ts'
import {
  cohortsAnnotation,
  stableAnnotation,
  type CohortRecord,
  type WrittenCohort,
  type WrittenRecord,
} from './record.ts'
import { keyIn, stableEntries } from './stable.ts'

/** What a record says beside what its routing API has to put back. */
interface EmptyAnnotations {
  /** The object had an `annotations: {}`. */
  readonly emptyAnnotations?: boolean
}

const written = ({ when, ...cohort }: CohortRecord): WrittenCohort =>
  JSON.stringify(when) === JSON.stringify([defaultCondition(cohort.name)]) ? cohort : { ...cohort, when }

/** Writes the record down; an empty one leaves no trace, not even of the annotations that it needed. */
export function withRecord<T extends KubeObject, R extends EmptyAnnotations>(
  object: T,
  { cohorts, restore: given }: WrittenRecord<R>,
): T {
  const { annotations } = object.metadata
  const hadNone = annotations !== undefined && Object.keys(annotations).length === 0
  const restore: EmptyAnnotations = { ...given, ...(hadNone && { emptyAnnotations: true }) }
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
  return withAnnotation(object, {
    key: cohortsAnnotation,
    value: text,
    keepEmpty: restore.emptyAnnotations === true,
  })
}

/** Writes down that there are annotations, but none in them, before the first one comes. */
export function noteEmptyAnnotations<T extends KubeObject>(object: T): T {
  const { annotations } = object.metadata
  if (annotations === undefined || Object.keys(annotations).length > 0) return object
  return withAnnotation(object, {
    key: cohortsAnnotation,
    value: JSON.stringify({ cohorts: [], restore: { emptyAnnotations: true } }),
  })
}

const isFilled = (value: unknown): boolean =>
  typeof value === 'object' && value !== null
    ? Object.keys(value).length > 0
    : value === true || typeof value === 'string'

/**
 * Writes a service's stable version down, or takes it away, beside those of other services; `isAlone` says that the
 * object routes no other one, so that the version needs no name before it.
 */
export function withStable<T extends KubeObject>(
  object: T,
  service: RoutedService,
  { stable, isAlone }: { readonly stable: string | undefined; readonly isAlone: boolean },
): T {
  const entries = new Map(stableEntries(object))
  if (stable === undefined) entries.delete('')
  for (const key of [keyIn(object, service), idOf(service)]) entries.delete(key)
  const isBare = (isAlone && entries.size === 0) || entries.has('')
  if (stable !== undefined) entries.set(isBare ? '' : keyIn(object, service), stable)
  const text = [...entries].map(([key, value]) => (key === '' ? value : `${key}=${value}`)).join(',')
  return withAnnotation(object, { key: stableAnnotation, value: text === '' ? undefined : text })
}

interface Annotation {
  readonly key: string
  readonly value: string | undefined
  /** Leave `annotations: {}` behind, because it was there before. */
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

/** What to put back, without parts that have nothing in them, such as those of a service whose canary has ended. */
export const withoutEmptyParts = (restore: object): object =>
  Object.fromEntries(
    Object.entries(restore).flatMap(([key, value]: readonly [string, unknown]) => {
      if (Array.isArray(value)) return value.length === 0 ? [] : [[key, value]]
      if (typeof value !== 'object' || value === null) return [[key, value]]
      const parts = Object.entries(value).filter(([, part]) => Object.keys(part as object).length > 0)
      return parts.length === 0 ? [] : [[key, Object.fromEntries(parts)]]
    }),
  )
