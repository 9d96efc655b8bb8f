import { isDeepEqual } from '../../edit/equal.ts'
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
    if (Array.isArray(old) && Array.isArray(now) && old.length !== now.length)
      return !isInserted && Number(token) >= firstDifference(old, now)
    ;[old, now] = [childOf(old, token), childOf(now, token)]
  }
  return false
}

function firstDifference(old: readonly unknown[], now: readonly unknown[]): number {
  const at = old.findIndex((item, i) => !isDeepEqual(item, now[i]))
  return at < 0 ? old.length : at
}

const childOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
