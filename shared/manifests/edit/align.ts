import { descendants, type Node, type Sequence } from '../yaml/node.ts'
import { valueOf } from '../yaml/value.ts'
import { isDeepEqual } from './equal.ts'
import type { Plain } from './plain.ts'

/** Which old item each new one is: its index, or undefined for one that is added. Indexes only rise. */
export type Alignment = readonly (number | undefined)[]

/**
 * Lays a new list beside the old one so that as many items as possible stay untouched, and then as many as
 * possible are only edited.
 */
export function align(before: readonly Plain[], after: readonly Plain[]): Alignment {
  let head = 0
  while (head < before.length && head < after.length && isDeepEqual(before[head], after[head])) head++
  let tail = 0
  while (
    tail < Math.min(before.length, after.length) - head
    && isDeepEqual(before.at(-1 - tail), after.at(-1 - tail))
  )
    tail++
  const middle = alignMiddle(before.slice(head, before.length - tail), after.slice(head, after.length - tail))
  return [
    ...Array.from({ length: head }, (_, i) => i),
    ...middle.map(i => (i === undefined ? undefined : head + i)),
    ...Array.from({ length: tail }, (_, i) => before.length - tail + i),
  ]
}

/** The best path through the table of likenesses. */
function alignMiddle(before: readonly Plain[], after: readonly Plain[]): Alignment {
  const likeness = before.map(old => after.map(item => likenessOf(old, item)))
  const width = after.length + 1
  const best = new Float64Array((before.length + 1) * width)
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      const like = likeness[i]![j]!
      const apart = Math.max(best[(i + 1) * width + j]!, best[i * width + j + 1]!)
      best[i * width + j] = like > 0 ? Math.max(apart, like + best[(i + 1) * width + j + 1]!) : apart
    }
  }
  const alignment: (number | undefined)[] = []
  for (let [i, j] = [0, 0]; j < after.length;) {
    const like = i < before.length ? likeness[i]![j]! : 0
    if (like > 0 && best[i * width + j] === like + best[(i + 1) * width + j + 1]!) {
      alignment.push(i++)
      j++
    } else if (i < before.length && best[(i + 1) * width + j]! >= best[i * width + j + 1]!) {
      i++
    } else {
      alignment.push(undefined)
      j++
    }
  }
  return alignment
}

/** Where routes of Istio and of the Gateway API say what they take. */
const conditionKeys = ['match', 'matches'] as const

/** For collections of one type that have nothing else in common: better edited than replaced. */
const least = 0.01

/**
 * 1 for equal items, 0 for those that are not the same thing; between them, always below a half, for the same
 * thing with other values.
 */
function likenessOf(before: Plain, after: Plain): number {
  if (isDeepEqual(before, after)) return 1
  if (Array.isArray(before) && Array.isArray(after)) {
    const same = (before as readonly Plain[]).filter(old =>
      (after as readonly Plain[]).some(item => isDeepEqual(old, item)),
    ).length
    return least + (0.47 * same) / Math.max(before.length, after.length)
  }
  if (!isMap(before) || !isMap(after)) return 0
  const [old, now] = [before['name'], after['name']]
  if (old !== now) return 0
  if (old !== undefined) return 0.49
  // A route is known by what it takes: where that differs, it is probably another one that leads to the same place.
  const isOther = conditionKeys.some(key => !isDeepEqual(before[key], after[key]))
  const keys = Object.keys(before)
  const same = keys.filter(key => Object.hasOwn(after, key) && isDeepEqual(before[key], after[key])).length
  const shared = keys.filter(key => Object.hasOwn(after, key)).length
  return (
    least
    + ((isOther ? 0.047 : 0.47) * (same + 0.1 * shared))
      / Math.max(1.1 * keys.length, 1.1 * Object.keys(after).length, 1)
  )
}

const isMap = (value: Plain): value is { readonly [key: string]: Plain } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** How a list is written. */
export interface WrittenList {
  readonly text: string
  readonly node: Sequence
  readonly isShared: (node: Node) => boolean
}

/**
 * The alignment of destinations of which one stays, or one takes the place of another: the first one that has an anchor which is used elsewhere is
 * edited, else the one that stays if it has comments, else the first one that has some, so that these stay.
 */
export function alignLone(alignment: Alignment, { text, node, isShared }: WrittenList): Alignment {
  const items = valueOf(node) as readonly Plain[]
  if (alignment.length !== 1 || !(isSplit(items) || isLoneBackend(items))) return alignment
  const anchored = node.entries.findIndex(({ value }) => descendants(value).some(isShared))
  if (anchored >= 0) return [anchored]
  const [same] = alignment
  if (same !== undefined && hasComment(text, node, same)) return alignment
  const commented = node.entries.findIndex((_, i) => hasComment(text, node, i))
  return commented >= 0 ? [commented] : alignment
}

/** Where routes of Istio, the Gateway API and APISIX say where a destination leads. */
const leadKeys = ['destination', 'name', 'serviceName'] as const

const isSplit = (items: readonly Plain[]): boolean =>
  items.every(item => isMap(item) && leadKeys.some(key => Object.hasOwn(item, key)))
  && items.some(item => isMap(item) && Object.hasOwn(item, 'weight'))

/** The one backend of a route of the Gateway API or APISIX, which is known by the name of its Service. */
const isLoneBackend = ([item, ...others]: readonly Plain[]): boolean =>
  others.length === 0
  && item !== undefined
  && isMap(item)
  && ['port', 'servicePort'].some(key => Object.hasOwn(item, key))
  && leadKeys.some(key => Object.hasOwn(item, key))

/** Whether there is a comment in an item, behind it on its line, or on the lines directly above it. */
function hasComment(text: string, { entries }: Sequence, i: number): boolean {
  const { start, end } = entries[i]!
  const stop = text.indexOf('\n', end)
  // What stands behind the item before on its line is about that one.
  const from = i === 0 ? 0 : Math.max(0, text.indexOf('\n', entries[i - 1]!.end - 1))
  const before = text.slice(from, text.lastIndexOf('\n', start) + 1).split('\n')
  const inside = text.slice(start, stop < 0 ? undefined : stop)
  return /(^|\s)#/.test(inside) || /^\s*#/.test(before.at(-2) ?? '')
}
