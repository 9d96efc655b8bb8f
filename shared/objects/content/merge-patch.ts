import { isEqual } from './equal.ts'
import { isFields } from '../unchecked.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * The JSON merge patch (RFC 7386) that makes one value of the other; undefined where they are equal. Lists
 * are replaced whole.
 */
export function mergePatch(before: Fields, after: Fields): Fields | undefined {
  const patch: Record<string, unknown> = {}
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, value] = [before[key], after[key]]
    if (value === undefined || value === null) {
      if (old !== undefined && old !== null) patch[key] = null
    } else if (isFields(value) && isFields(old)) {
      const inner = mergePatch(old, value)
      if (inner !== undefined) patch[key] = inner
    } else if (!isEqual(old, value)) patch[key] = value
  }
  return Object.keys(patch).length === 0 ? undefined : patch
}
