import { isFields } from '../unchecked.ts'

type Fields = Readonly<Record<string, unknown>>

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
