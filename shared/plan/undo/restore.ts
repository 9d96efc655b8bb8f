import { completed, withoutAssigned } from '../../objects/content/completed.ts'
import { contentOf } from '../../objects/content/content.ts'
import { isEqual } from '../../objects/content/equal.ts'
import { keyOf, type KubeObject, type Ref } from '../../objects/kube-object.ts'
import { formatPath } from '../../objects/paths.ts'
import { changedRef, type Change } from '../../view/change.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { mergeValues } from './merge-values.ts'

/** What somebody else did to an object since the last recorded change of it. */
export interface Drift {
  readonly object: Ref
  readonly what: 'changed' | 'deleted' | 'created'
  /** Where both touch the same: `spec.http[1]`; none where the changes were merged. */
  readonly conflicts: readonly string[]
}

/** The changes that take recorded ones back, and what others did in between. */
export interface Restored {
  readonly changes: readonly Change[]
  readonly drift: readonly Drift[]
}

/**
 * Takes recorded changes back, given in the order in which they were made: each object becomes as it was before
 * the first of them. What others changed meanwhile stays, where it is not the same part of the object.
 */
export function restore(view: ClusterView, recorded: readonly Change[]): Restored {
  const byObject = Map.groupBy(recorded, change => keyOf(changedRef(change)))
  const restored = [...byObject.values()].map(changes => restoreObject(view, changes))
  return {
    changes: restored.flatMap(({ change }) => change ?? []),
    drift: restored.flatMap(({ drift }) => drift ?? []),
  }
}

interface RestoredObject {
  readonly change?: Change
  readonly drift?: Drift
}

/** The recorded changes of one object taken back one by one, the last one first. */
function restoreObject(view: ClusterView, changes: readonly Change[]): RestoredObject {
  const object = changedRef(changes[0]!)
  const now = view.get(object)
  let state: KubeObject | undefined = now
  let isDrifted = false
  for (const change of changes.toReversed()) {
    const step = stepBack(change, state)
    if ('conflict' in step) return { drift: { object, ...step.conflict } }
    isDrifted ||= step.isDrifted
    state = step.state
  }
  const drift = isDrifted ? { drift: { object, what: 'changed', conflicts: [] } as const } : {}
  if (state === undefined) return now === undefined ? {} : { change: { before: now }, ...drift }
  if (now === undefined) return { change: { after: contentOf(state) }, ...drift }
  return sameContent(now, state)
    ? drift
    : { change: { before: now, after: withWritten(now, writtenOf(state)) }, ...drift }
}

type StepBack =
  | { readonly state: KubeObject | undefined; readonly isDrifted: boolean }
  | { readonly conflict: Omit<Drift, 'object'> }

/** The state of an object with one change of it taken back. */
function stepBack({ before, after }: Change, state: KubeObject | undefined): StepBack {
  if (isSameState(state, after)) return { state: before, isDrifted: false }
  if (state === undefined)
    return before === undefined ? { state, isDrifted: true } : { conflict: conflictOf('deleted') }
  if (after === undefined)
    return before === undefined || sameContent(state, before)
      ? { state, isDrifted: true }
      : { conflict: conflictOf('created') }
  if (before === undefined) return { conflict: conflictOf('changed') }
  const { value, conflicts } = mergeValues({
    base: writtenOf(completed(after)),
    theirs: writtenOf(completed(state)),
    ours: writtenOf(completed(before)),
  })
  return conflicts.length === 0
    ? { state: withWritten(state, value as WrittenContent), isDrifted: true }
    : { conflict: { what: 'changed', conflicts: conflicts.map(path => formatPath(path)) } }
}

/** The whole object is in question. */
const conflictOf = (what: Drift['what']): Omit<Drift, 'object'> => ({ what, conflicts: [''] })

/** What a person wrote, without what says which object it is. */
type WrittenContent = Readonly<Record<string, unknown>>

function writtenOf(object: KubeObject): WrittenContent {
  const { apiVersion: _a, kind: _k, metadata, ...rest } = contentOf(object)
  const { name: _n, namespace: _s, ...own } = metadata
  return { ...rest, metadata: withoutEmpty(own) }
}

/** No labels and an empty mapping of labels are the same; the server keeps neither. */
const withoutEmpty = (metadata: WrittenContent): WrittenContent =>
  Object.fromEntries(
    Object.entries(metadata).filter(
      ([, value]) => typeof value !== 'object' || value === null || Object.keys(value).length > 0,
    ),
  )

/** A record tells what was written, and the server has what it made of it. */
const asServed = (object: KubeObject): WrittenContent => writtenOf(withoutAssigned(completed(object)))

const sameContent = (a: KubeObject, b: KubeObject): boolean => isEqual(asServed(a), asServed(b))

/** The object with other content; what the server keeps in it stays, and each field has its place. */
function withWritten(now: KubeObject, { metadata, ...rest }: WrittenContent): KubeObject {
  const known = contentOf(now)
  const kept = (key: string): boolean => !(key in known.metadata) || key === 'name' || key === 'namespace'
  const isOurs = (key: string): boolean => key in known && !['apiVersion', 'kind', 'metadata'].includes(key)
  const fields = replaced(now, rest, key => !isOurs(key))
  return {
    ...fields,
    metadata: replaced(now.metadata, metadata as WrittenContent, kept),
  } as unknown as KubeObject
}

/** The fields that are kept, and the new ones in place of the others. */
function replaced(now: object, fields: WrittenContent, isKept: (key: string) => boolean): WrittenContent {
  const stays = Object.entries(now).flatMap(([key, value]) =>
    isKept(key) ? [[key, value] as const] : key in fields ? [[key, fields[key]] as const] : [],
  )
  return { ...Object.fromEntries(stays), ...fields }
}

/** Whether two states of an object are the same except for what the server keeps. */
export const isSameState = (a: KubeObject | undefined, b: KubeObject | undefined): boolean =>
  a === undefined || b === undefined ? a === b : sameContent(a, b)
