import { valueAt, type Path } from '../../../objects/paths.ts'
import type { Plain } from '../../edit/plain.ts'

/** One operation of a JSON patch (RFC 6902). */
export interface Operation {
  readonly op: string
  readonly path: string
  /** Where `move` and `copy` take the value from. */
  readonly from?: string
  readonly value?: Plain
}

/** Whether a value is a list of JSON 6902 operations. */
export const isOperations = (value: unknown): value is readonly Operation[] =>
  Array.isArray(value)
  && value.length > 0
  && (value as readonly unknown[]).every(
    one =>
      typeof one === 'object'
      && one !== null
      && typeof Reflect.get(one, 'op') === 'string'
      && typeof Reflect.get(one, 'path') === 'string',
  )

/** Where a field stands once all operations are applied. */
export interface FinalPlace {
  readonly path: Path
  /** A later operation copies it, or something in it: who changes it here changes the copy as well. */
  readonly isCopied: boolean
}

/**
 * Where the field of an operation is in `result`, after the later ones; undefined where one of them says it, a part
 * of it, or where this is not known. Of a removed field it is where it would stand.
 */
export function finalPlaceOf(
  { op, path }: Operation,
  later: readonly Operation[],
  result: unknown,
): FinalPlace | undefined {
  const isList: IsList = at => Array.isArray(valueAt(result, at))
  let place: Moved | undefined = {
    tokens: tokensOf(path),
    isCopied: false,
    // What is moved or copied here stays its own where later operations say a part of it.
    isWhole: !isTransfer({ op, path }),
  }
  if (path.endsWith('/-')) {
    const appended = op === 'remove' ? undefined : appendedAt(path, later, result)
    place = appended && { ...place, tokens: appended, isCopied: later.some(isTransfer) }
  } else for (const one of later) place = place && movedBy(one, place, isList)
  if (place === undefined) return undefined
  const { tokens, isCopied } = place
  return { path: tokens.map((token, i) => (isList(tokens.slice(0, i)) ? Number(token) : token)), isCopied }
}

interface Moved {
  readonly tokens: readonly string[]
  readonly isCopied: boolean
  /** Nothing else may say a part of it. */
  readonly isWhole: boolean
}

export const isTransfer = ({ op }: Operation): boolean => op === 'move' || op === 'copy'

/** Where a field stands after one more operation; undefined where that says the field or a part of it. */
function movedBy(operation: Operation, place: Moved, isList: IsList): Moved | undefined {
  const { op, path } = operation
  const target = tokensOf(path)
  if (op === 'test') return place
  if (isTransfer(operation)) return besideTransfer(operation, place, isList)
  if (!place.isWhole && isInside(place.tokens, target)) return place
  return op === 'add' ? besideAdded(place, target, isList) : besideOther(operation, place, isList)
}

type IsList = (at: readonly string[]) => boolean

function besideTransfer({ op, path, from = '' }: Operation, place: Moved, isList: IsList): Moved | undefined {
  const [source, target] = [tokensOf(from), tokensOf(path)]
  if (op === 'copy') {
    const isRead = isPrefix(place.tokens, source) || isPrefix(source, place.tokens)
    return besideAdded({ ...place, isCopied: place.isCopied || isRead }, target, isList)
  }
  if (!isPrefix(source, place.tokens)) {
    const left = besideOther({ op: 'remove', path: from }, place, isList)
    return left && besideAdded(left, target, isList)
  }
  return path.endsWith('/-')
    ? undefined
    : { ...place, tokens: [...target, ...place.tokens.slice(source.length)] }
}

/** A field beside which a value is added: an item of its list moves it on, the field itself is said again. */
function besideAdded(place: Moved, added: readonly string[], isList: IsList): Moved | undefined {
  if (isInside(place.tokens, added)) return undefined
  if (isItem(added, isList)) return { ...place, tokens: stepped(place.tokens, added, 1) }
  return isPrefix(added, place.tokens) ? undefined : place
}

/** A field beside which another one is removed or replaced. */
function besideOther({ op, path }: Operation, place: Moved, isList: IsList): Moved | undefined {
  const other = tokensOf(path)
  if (isPrefix(place.tokens, other) || isPrefix(other, place.tokens)) return undefined
  return op === 'remove' && isItem(other, isList)
    ? { ...place, tokens: stepped(place.tokens, other, -1) }
    : place
}

const isInside = (tokens: readonly string[], other: readonly string[]): boolean =>
  other.length > tokens.length && isPrefix(tokens, other)

const isItem = (tokens: readonly string[], isList: IsList): boolean =>
  /^\d+$/.test(tokens.at(-1) ?? '') && isList(tokens.slice(0, -1))

/** The place of an item at a list's end; undefined where the list is touched otherwise as well. */
function appendedAt(
  path: string,
  later: readonly Operation[],
  result: unknown,
): readonly string[] | undefined {
  const list = tokensOf(path).slice(0, -1)
  const items = valueAt(result, list)
  const isTouched = later.some(
    one =>
      one.op === 'remove' || one.op === 'move' || (isPrefix(list, tokensOf(one.path)) && one.path !== path),
  )
  if (!Array.isArray(items) || isTouched) return undefined
  return [...list, String(items.length - 1 - later.filter(one => one.path === path).length)]
}

/** A path whose index in the list of another one's item steps on (or back) where that item comes (or goes). */
export function stepped(path: readonly string[], item: readonly string[], by: 1 | -1): readonly string[] {
  const at = item.length - 1
  const [own, other] = [Number(path[at]), Number(item[at])]
  if (!isPrefix(item.slice(0, -1), path) || !Number.isInteger(own) || !Number.isInteger(other)) return path
  return (by === 1 ? own >= other : own > other)
    ? [...path.slice(0, at), String(own + by), ...path.slice(at + 1)]
    : path
}

export const isPrefix = (start: Path, path: Path): boolean =>
  start.length <= path.length && start.every((step, i) => String(step) === String(path[i]))

export const tokensOf = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map(token => token.replaceAll('~1', '/').replaceAll('~0', '~'))

export const pointerOf = (path: Path): string =>
  path.map(step => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
