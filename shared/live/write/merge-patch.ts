type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

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

/** Whether two values of JSON say the same; the order of keys does not matter. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((value, i) => isEqual(value, b[i]))
  if (!isFields(a) || !isFields(b)) return false
  const keys = (fields: Fields): readonly string[] =>
    Object.keys(fields).filter(key => fields[key] !== undefined)
  return keys(a).length === keys(b).length && keys(a).every(key => isEqual(a[key], b[key]))
}
