import { align } from '../../edit/align.ts'
import type { Plain } from '../../edit/plain.ts'
import { isOperations, tokensOf, type Operation } from './operation-paths.ts'

/**
 * The path of the first operation in a patch that would change another item of a list, because an edit of the object
 * adds items before it or removes some.
 */
export function misplacedOperation(content: unknown, before: unknown, after: unknown): string | undefined {
  return isOperations(content) ? content.find(one => isMisplaced(one, before, after))?.path : undefined
}

function isMisplaced({ op, path }: Operation, before: unknown, after: unknown): boolean {
  let [old, now] = [before, after]
  const tokens = tokensOf(path)
  for (const [i, token] of tokens.entries()) {
    // `add` at an index puts an item there, whatever is there.
    const isInserted = op === 'add' && i === tokens.length - 1
    if (!isInserted && isList(old) && isList(now) && isMoved(Number(token), old, now)) return true
    ;[old, now] = [childOf(old, token), childOf(now, token)]
  }
  return false
}

/** Whether an item that was at an index is not there any more; lists of one length are edited item by item. */
const isMoved = (index: number, old: readonly Plain[], now: readonly Plain[]): boolean =>
  old.length !== now.length && index < old.length && align(old, now)[index] !== index

const isList = (value: unknown): value is readonly Plain[] => Array.isArray(value)

const childOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
