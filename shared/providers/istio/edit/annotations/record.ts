import { type KubeObject } from '../../../../objects/kube-object.ts'
import type { VirtualService } from '../../../../objects/virtual-service.ts'
import { defaultCondition } from '../../../../routing/condition.ts'
import {
  cohortsAnnotation,
  stableAnnotation,
  type CanaryRecord,
  type CohortRecord,
  type WrittenCohort,
} from '../../read/record/record.ts'

const written = ({ when, ...cohort }: CohortRecord): WrittenCohort =>
  JSON.stringify(when) === JSON.stringify([defaultCondition(cohort.name)]) ? cohort : { ...cohort, when }

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
    keepEmpty: restore.emptyAnnotations === true,
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
  typeof value === 'object' && value !== null
    ? Object.keys(value).length > 0
    : value === true || typeof value === 'string'

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
