import { isEqual } from './equal.ts'
import { isFields } from '../unchecked.ts'

/** One operation of a JSON patch (RFC 6902). */
export interface JsonOperation {
  readonly op: 'add' | 'remove' | 'replace'
  /** A JSON pointer (RFC 6901). */
  readonly path: string
  readonly value?: unknown
}

/**
 * The JSON patch that makes one object of the other. Lists are replaced whole: an index would mean another item
 * once somebody has added one.
 */
export function jsonPatch(before: object, after: object, at = ''): readonly JsonOperation[] {
  const [old, now] = [before as Fields, after as Fields]
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((key): readonly JsonOperation[] => {
    const path = `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
    const [was, is] = [old[key], now[key]]
    if (isEqual(was, is)) return []
    if (is === undefined) return [{ op: 'remove', path }]
    if (was === undefined) return [{ op: 'add', path, value: is }]
    return isFields(was) && isFields(is) ? jsonPatch(was, is, path) : [{ op: 'replace', path, value: is }]
  })
}

type Fields = Readonly<Record<string, unknown>>
