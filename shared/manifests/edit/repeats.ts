import { SourceProblem, type Alias, type Node } from '../yaml/node.ts'
import { isMergeKey, valueOf } from '../yaml/value.ts'
import { isDeepEqual } from './equal.ts'
import type { Plain } from './plain.ts'
import type { ValueLocation } from './splice.ts'

/** An alias, and where it stands; without a place it is a key, or what a merge key takes, and cannot be written out. */
interface Repeat {
  readonly alias: Alias
  readonly place: ValueLocation | undefined
}

/** What of a document is written once and meant in several places, and what an edit makes of each of them. */
export class Repeats {
  readonly #repeats: readonly Repeat[]
  /** What aliases point to. */
  readonly #shared: ReadonlySet<Node>
  /** What the nodes are to be that an edit came by. */
  readonly #wanted = new Map<Node, Plain>()
  readonly #gone: Pick<Node, 'start' | 'end'>[] = []

  constructor(root: Node) {
    this.#repeats = repeatsIn(root, undefined, false)
    this.#shared = new Set(this.#repeats.map(({ alias }) => alias.target))
  }

  isShared(node: Node): boolean {
    return this.#shared.has(node)
  }

  want(node: Node, wanted: Plain): void {
    if (node.type === 'alias' || this.isShared(node)) this.#wanted.set(node, wanted)
  }

  /** What is written there goes, with the aliases in it. */
  drop({ start, end }: Pick<Node, 'start' | 'end'>): void {
    this.#gone.push({ start, end })
  }

  /**
   * The aliases that do not stand for what they are to be once their anchors are edited, with that value. Throws a
   * SourceProblem for one that cannot be written out.
   */
  *unlike(): Iterable<{ readonly alias: Alias; readonly wanted: Plain; readonly place: ValueLocation }> {
    for (const { alias, place } of this.#repeats) {
      if (this.#gone.some(({ start, end }) => start <= alias.start && alias.end <= end)) continue
      const wanted = this.#after(alias)
      if (isDeepEqual(this.#after(alias.target), wanted)) continue
      if (place === undefined)
        throw new SourceProblem(
          alias.start,
          'the edit would change a value that this alias repeats',
          expandHint,
        )
      yield { alias, wanted, place }
    }
  }

  #after(node: Node): Plain {
    return this.#wanted.has(node) ? this.#wanted.get(node)! : (valueOf(node) as Plain)
  }
}

export const expandHint = 'Replace the alias with its value, then run this again.'

function repeatsIn(node: Node, place: ValueLocation | undefined, isFixed: boolean): readonly Repeat[] {
  if (node.type === 'alias') return [{ alias: node, place: isFixed ? undefined : place }]
  if (node.type === 'scalar') return []
  if (node.type === 'seq')
    return node.entries.flatMap(entry => repeatsIn(entry.value, { collection: node, entry }, isFixed))
  return node.entries.flatMap(entry => [
    ...repeatsIn(entry.key, undefined, true),
    ...repeatsIn(entry.value, { collection: node, entry }, isFixed || isMergeKey(entry.key)),
  ])
}
