import { isDeepEqual } from '../edit/equal.ts'

type Fields = Readonly<Record<string, unknown>>
const isMap = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A field that the layer does not have, or has otherwise than the build. */
const elsewhere = Symbol('elsewhere')

/**
 * One layer of a built object with the change from `before` to `after` in it; undefined where the layer does
 * not hold the changed fields as the build has them. A layer that is not `whole`, a patch, must have at least
 * one of the fields that change.
 */
export function rebased(
  { layer, whole }: { readonly layer: unknown; readonly whole: boolean },
  before: unknown,
  after: unknown,
): unknown {
  if (!whole && !holdsSome(layer, before, after)) return undefined
  const result = rebase(layer, before, after)
  return result === elsewhere ? undefined : result
}

function rebase(layer: unknown, before: unknown, after: unknown): unknown {
  if (isDeepEqual(before, after)) return layer
  if (before === undefined) return layer === undefined ? after : elsewhere
  if (isDeepEqual(layer, before)) return after
  if (isMap(before) && isMap(after)) return rebaseFields(layer, before, after)
  if (Array.isArray(layer) && Array.isArray(before) && Array.isArray(after))
    return rebaseItems(layer, before, after)
  return elsewhere
}

function rebaseFields(layer: unknown, before: Fields, after: Fields): unknown {
  if (layer !== undefined && layer !== null && !isMap(layer)) return elsewhere
  const fields: Fields = layer ?? {}
  const result = new Map<string, unknown>(Object.entries(fields))
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const value = rebase(fields[key], before[key], after[key])
    if (value === elsewhere) return elsewhere
    if (value === undefined) result.delete(key)
    else result.set(key, value)
  }
  // What is left of the map is said elsewhere, and an empty one here adds nothing.
  const isEmptied = result.size === 0 && Object.keys(fields).length > 0 && Object.keys(after).length > 0
  return isEmptied ? undefined : Object.fromEntries(result)
}

/** Items keep their places where their number stays. */
function rebaseItems(
  layer: readonly unknown[],
  before: readonly unknown[],
  after: readonly unknown[],
): unknown {
  if (layer.length !== before.length || before.length !== after.length) return elsewhere
  const items = layer.map((item, i) => rebase(item, before[i], after[i]))
  return items.includes(elsewhere) ? elsewhere : items
}

/** Whether a layer has a field that changes and was there before. */
function holdsSome(layer: unknown, before: unknown, after: unknown): boolean {
  if (layer === undefined || before === undefined || isDeepEqual(before, after)) return false
  if (isMap(layer) && isMap(before) && isMap(after))
    return Object.keys(before).some(key => holdsSome(layer[key], before[key], after[key]))
  return true
}
