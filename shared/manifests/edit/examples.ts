import { descendants, type Mapping, type Node, type Pair, type Sequence } from '../yaml/node.ts'
import { keyText, valueOf } from '../yaml/value.ts'
import { isDeepEqual } from './equal.ts'
import type { Plain } from './plain.ts'
import type { PrintLook } from './style.ts'

/** The type of the node in which a value is written. */
export const typeOf = (value: Plain): Node['type'] =>
  Array.isArray(value) ? 'seq' : typeof value === 'object' && value !== null ? 'map' : 'scalar'

/** The entry that a new one is to look like: the one of this key in a mapping like it, or the nearest elsewhere. */
export function examplePair(key: string, value: Plain, { style, like }: PrintLook): Pair | undefined {
  const type = typeOf(value)
  const own = like?.type === 'map' ? like.entries.find(entry => hasKey(entry, key)) : undefined
  return own?.value.type === type ? own : style.exampleOf(key, type)
}

/** The item of a list that a new one is to look like: that with most in common, of those the nearest to a position. */
export function exampleItem(list: Node | undefined, value: Plain, position: number): Node | undefined {
  if (list?.type !== 'seq') return undefined
  let best: { readonly node: Node; readonly rank: readonly [number, number] } | undefined
  for (const [i, { value: node }] of list.entries.entries()) {
    if (node.type !== typeOf(value)) continue
    const rank = [common(valueOf(node) as Plain, value), -Math.abs(i - position)] as const
    if (best === undefined || rank[0] > best.rank[0] || (rank[0] === best.rank[0] && rank[1] > best.rank[1]))
      best = { node, rank }
  }
  return best?.node
}

/** A collection somewhere in a node that is the value already: what is moved keeps its look. */
export function sameWithin(node: Node | undefined, value: Plain): Node | undefined {
  if (node === undefined) return undefined
  const type = typeOf(value)
  return descendants(node).find(one => one.type === type && isDeepEqual(valueOf(one), value))
}

/** Whether all that is in a collection stands in flow style, so that another collection in it is to do so too. */
export function holdsFlow(node: Node | undefined): boolean {
  const inner = node?.type === 'map' || node?.type === 'seq' ? node.entries.map(({ value }) => value) : []
  const collections = inner.filter(
    (one): one is Mapping | Sequence => one.type === 'map' || one.type === 'seq',
  )
  return collections.length > 0 && collections.every(({ flow }) => flow)
}

/** How many leaves two values have in common. */
function common(one: Plain, other: Plain): number {
  if (typeof one !== 'object' || one === null) return isDeepEqual(one, other) ? 1 : 0
  if (typeof other !== 'object' || other === null || Array.isArray(one) !== Array.isArray(other)) return 0
  const theirs = new Map<string, Plain>(Object.entries(other as object))
  return Object.entries(one as { readonly [key: string]: Plain }).reduce(
    (sum, [key, value]) => (theirs.has(key) ? sum + 0.1 + common(value, theirs.get(key)!) : sum),
    0,
  )
}

const hasKey = ({ key }: Pair, name: string): boolean =>
  key.type === 'scalar' && !(key.style === 'plain' && key.text === '<<') && keyText(key) === name
