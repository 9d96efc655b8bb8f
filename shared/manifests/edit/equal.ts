import { put } from '../yaml/value.ts'
import type { Plain } from './plain.ts'

/**
 * Whether two values would be the same JSON: the order of keys does not matter, a key without a
 * value, or with null, is none.
 */
export function isDeepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (
    typeof a !== 'object'
    || typeof b !== 'object'
    || a === null
    || b === null
    || Array.isArray(a) !== Array.isArray(b)
  )
    return false
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, i) => isDeepEqual(item, b[i]))
  const keys = Object.keys(a).filter(key => own(a, key) !== undefined)
  return (
    keys.length === Object.keys(b).filter(key => own(b, key) !== undefined).length
    && keys.every(key => isDeepEqual(own(a, key), own(b, key)))
  )
}

const own = (object: object, key: string): unknown =>
  Object.hasOwn(object, key) ? (Reflect.get(object, key) ?? undefined) : undefined

/** The value as JSON would carry it: keys without a value are gone. */
export function plainOf(value: unknown): Plain {
  if (Array.isArray(value)) return value.map(item => plainOf(item ?? null))
  if (typeof value !== 'object' || value === null) return value as Plain
  const plain: Record<string, Plain> = {}
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined) put(plain, key, plainOf(item))
  }
  return plain
}
