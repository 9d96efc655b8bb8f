import type { Item, Mapping, Sequence } from '../yaml/node.ts'
import type { Plain } from './plain.ts'

/** A piece of text in place of a range. */
export interface Splice {
  readonly start: number
  readonly end: number
  readonly text: string
}

/**
 * What a collection's entries become: the indexes of those that are gone, and those that come before an old
 * index.
 */
export interface EntryEdits {
  readonly removed: ReadonlySet<number>
  readonly added: readonly Added[]
}
export interface Added {
  readonly before: number
  /** Left out in a list. */
  readonly key?: string
  readonly value: Plain
}

/** Where a value stands. */
export interface ValueLocation {
  readonly collection: Mapping | Sequence
  readonly entry: Item
}

/**
 * Applies splices that do not overlap, except for deletions that touch. Those at one place come in the order
 * given.
 */
export function spliced(text: string, splices: readonly Splice[]): string {
  const parts: string[] = []
  let at = 0
  for (const { start, end, text: piece } of splices.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    parts.push(text.slice(at, Math.max(at, start)), piece)
    at = Math.max(at, end)
  }
  return [...parts, text.slice(at)].join('')
}
