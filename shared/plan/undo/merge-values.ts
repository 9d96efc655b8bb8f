import { isEqual } from '../../objects/content/equal.ts'
import type { Path } from '../../objects/paths.ts'
import { isFields } from '../../objects/unchecked.ts'
import { alignLists, type ListAlignment } from './align-lists.ts'

/** One value as it was, and what two sides made of it; undefined where it is not there. */
export interface ThreeWay {
  readonly base: unknown
  /** What others made of it: what is there now. */
  readonly theirs: unknown
  readonly ours: unknown
}

/** The value with the changes of both sides, and the paths that both changed in different ways. */
export interface MergedValue {
  readonly value: unknown
  /** Paths into `theirs`. */
  readonly conflicts: readonly Path[]
}

/**
 * Merges the changes of two sides. Mappings are merged key by key, lists item by item; an item of a list is
 * taken whole, so that two changes of one route are a conflict, however small they are.
 */
export function mergeValues({ base, theirs, ours }: ThreeWay, path: Path = []): MergedValue {
  if (isEqual(theirs, ours) || isEqual(base, ours)) return { value: theirs, conflicts: [] }
  if (isEqual(base, theirs)) return { value: ours, conflicts: [] }
  if (isFields(base) && isFields(theirs) && isFields(ours)) return mergeFields({ base, theirs, ours }, path)
  if (Array.isArray(base) && Array.isArray(theirs) && Array.isArray(ours))
    return mergeLists({ base, theirs, ours }, path)
  return { value: theirs, conflicts: [path] }
}

type Fields = Readonly<Record<string, unknown>>
interface ThreeOf<T> {
  readonly base: T
  readonly theirs: T
  readonly ours: T
}

function mergeFields({ base, theirs, ours }: ThreeOf<Fields>, path: Path): MergedValue {
  const conflicts: Path[] = []
  const keys = new Set([...Object.keys(theirs), ...Object.keys(ours)])
  const entries = [...keys].flatMap(key => {
    const merged = mergeValues({ base: base[key], theirs: theirs[key], ours: ours[key] }, [...path, key])
    conflicts.push(...merged.conflicts)
    return merged.value === undefined ? [] : [[key, merged.value] as const]
  })
  return { value: Object.fromEntries(entries), conflicts }
}

function mergeLists({ base, theirs, ours }: ThreeOf<readonly unknown[]>, path: Path): MergedValue {
  const sides = { theirs: sideOf(base, theirs), ours: sideOf(base, ours) }
  const conflicts: Path[] = []
  const value: unknown[] = []
  for (let i = 0; i <= base.length; i++) {
    const added = mergeAdded(sides.theirs.addedBefore(i), sides.ours.addedBefore(i))
    value.push(...added.items)
    if (added.isConflict) conflicts.push([...path, sides.theirs.endBefore(i)])
    if (i === base.length) break
    const item = mergeValues({ base: base[i], theirs: sides.theirs.item(i), ours: sides.ours.item(i) })
    // Whatever is inside: one item is changed by one side only.
    const isConflict =
      item.conflicts.length > 0
      || ![sides.theirs.item(i), sides.ours.item(i), base[i]].some(one => isEqual(one, item.value))
    if (isConflict) conflicts.push([...path, sides.theirs.indexNear(i)])
    if (item.value !== undefined) value.push(item.value)
  }
  return { value, conflicts }
}

/** What one side made of a list, seen from the items that it had. */
interface ListSide {
  /** The item as it is now; undefined where it is gone. */
  readonly item: (index: number) => unknown
  /** What was added directly before it; after the last one at the end. */
  readonly addedBefore: (index: number) => readonly unknown[]
  /** Where what was added directly before it begins. */
  readonly endBefore: (index: number) => number
  /** Where it is now, or would be. */
  readonly indexNear: (index: number) => number
}

function sideOf(base: readonly unknown[], now: readonly unknown[]): ListSide {
  const places: ListAlignment = alignLists(base, now)
  const placeOf = (index: number): number | undefined => places[index]
  const endOf = (index: number): number => {
    for (let i = index - 1; i >= 0; i--) if (placeOf(i) !== undefined) return placeOf(i)! + 1
    return 0
  }
  return {
    item: index => (placeOf(index) === undefined ? undefined : now[placeOf(index)!]),
    // What is in the place of an item that is gone counts as added before the next one that is there.
    addedBefore: index =>
      index === base.length
        ? now.slice(endOf(index))
        : placeOf(index) === undefined
          ? []
          : now.slice(endOf(index), placeOf(index)),
    endBefore: endOf,
    indexNear: index => placeOf(index) ?? endOf(index),
  }
}

/** In lists of routes the order counts: what both sides added at one place cannot be ordered. */
function mergeAdded(
  theirs: readonly unknown[],
  ours: readonly unknown[],
): { readonly items: readonly unknown[]; readonly isConflict: boolean } {
  if (theirs.length === 0) return { items: ours, isConflict: false }
  return { items: theirs, isConflict: ours.length > 0 && !isEqual(theirs, ours) }
}
