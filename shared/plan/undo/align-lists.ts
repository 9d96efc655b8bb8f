import { isEqual } from '../../objects/content/equal.ts'
import { isFields } from '../../objects/unchecked.ts'

/** Where the items of one list are in another: an index for each item, undefined for one that is gone. */
export type ListAlignment = readonly (number | undefined)[]

/** More pairs of items than this are not compared one by one: such lists are aligned by equal items alone. */
const mostPairs = 250_000

/**
 * Finds the items of `from` again in `to`, in order: equal ones first of all, then those that were changed in
 * place. An item that moved is gone at its old place and new at the other.
 */
export function alignLists(from: readonly unknown[], to: readonly unknown[]): ListAlignment {
  let start = 0
  while (start < from.length && start < to.length && isEqual(from[start], to[start])) start++
  let end = 0
  while (
    end < from.length - start
    && end < to.length - start
    && isEqual(from[from.length - 1 - end], to[to.length - 1 - end])
  )
    end++
  const middle = alignMiddle(from.slice(start, from.length - end), to.slice(start, to.length - end))
  return from.map((_, i) => {
    if (i < start) return i
    if (i >= from.length - end) return to.length - (from.length - i)
    const found = middle[i - start]
    return found === undefined ? undefined : found + start
  })
}

/** The alignment with the greatest sum of likenesses. */
function alignMiddle(from: readonly unknown[], to: readonly unknown[]): ListAlignment {
  const isLarge = from.length * to.length > mostPairs
  const likeness = (i: number, j: number): number =>
    isLarge ? Number(isEqual(from[i], to[j])) : likenessOf(from[i], to[j])
  const best = from.map(() => new Float64Array(to.length + 1))
  best.push(new Float64Array(to.length + 1))
  const pairs = from.map(() => new Float64Array(to.length))
  for (let i = from.length - 1; i >= 0; i--)
    for (let j = to.length - 1; j >= 0; j--) {
      const pair = (pairs[i]![j] = likeness(i, j))
      best[i]![j] = Math.max(best[i + 1]![j]!, best[i]![j + 1]!, pair > 0 ? pair + best[i + 1]![j + 1]! : 0)
    }
  return traced(best, pairs)
}

function traced(best: readonly Float64Array[], pairs: readonly Float64Array[]): ListAlignment {
  const alignment: (number | undefined)[] = []
  let j = 0
  for (const [i, row] of pairs.entries()) {
    while (j < row.length && best[i]![j] === best[i]![j + 1]) j++
    const pair = row[j] ?? 0
    const isPair = j < row.length && pair > 0 && best[i]![j] === pair + best[i + 1]![j + 1]!
    alignment.push(isPair ? j++ : undefined)
  }
  return alignment
}

/**
 * How much two items of a list are alike, from 0 (different things) to 1 (equal): the part of their fields that
 * is equal. Items with names are the same thing where the names are.
 */
function likenessOf(a: unknown, b: unknown): number {
  if (isEqual(a, b)) return 1
  if (!isFields(a) || !isFields(b)) return 0
  if (typeof a['name'] === 'string' && typeof b['name'] === 'string') return a['name'] === b['name'] ? 0.9 : 0
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])]
  const alike = keys.reduce((sum, key) => sum + fieldLikeness(a[key], b[key]), 0)
  return (0.9 * alike) / keys.length
}

/** A field that both have counts a little even where it differs: a route with other weights is the same route. */
const fieldLikeness = (a: unknown, b: unknown): number =>
  isEqual(a, b) ? 1 : a === undefined || b === undefined ? 0 : 0.2
