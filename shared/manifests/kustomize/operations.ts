import { valueAt, type Path } from '../../objects/paths.ts'
import { differencesOf, withDifference, type ValueDifference } from '../edit/differences.ts'
import { isDeepEqual } from '../edit/equal.ts'
import type { Plain } from '../edit/print.ts'

/** One operation of a JSON patch (RFC 6902). */
interface Operation {
  readonly op: string
  readonly path: string
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

/**
 * The operations that make `after` of an object that they make `before` of now: the values of those that say a
 * changed field are changed, what they do not say is added as operations of its own, and an addition that is
 * no longer wanted goes. Undefined where the operations say nothing of what changes.
 */
export function editedOperations(
  operations: readonly unknown[],
  before: unknown,
  after: unknown,
): readonly Plain[] | undefined {
  if (!isOperations(operations) || operations.some(({ op }) => op === 'move' || op === 'copy'))
    return undefined
  const editor = new OperationEditor(operations, before)
  const differences = differencesOf(before as Plain, after as Plain)
  if (!differences.some(one => editor.isAbout(one))) return undefined
  for (const difference of differences) editor.add(difference)
  return editor.operations as unknown as readonly Plain[]
}

interface Entry {
  readonly operation: Operation
  /** The field that it says in the end. */
  readonly path: Path | undefined
  /** It was added for the change. */
  readonly isNew: boolean
}

class OperationEditor {
  readonly #before: unknown
  #entries: Entry[]

  constructor(operations: readonly Operation[], before: unknown) {
    this.#before = before
    this.#entries = operations.map((operation, i) => ({
      operation,
      path: this.#heldBy(operation, operations.slice(i + 1)),
      isNew: false,
    }))
  }

  get operations(): readonly Operation[] {
    return this.#entries.map(({ operation }) => operation)
  }

  /** Whether an operation says what changes, or something in the list that changes. */
  isAbout({ kind, path }: ValueDifference): boolean {
    const around = kind !== 'set' && typeof path.at(-1) === 'number' ? path.slice(0, -1) : path
    return this.#entries.some(
      ({ path: held }) => held !== undefined && (isPrefix(held, path) || isPrefix(around, held)),
    )
  }

  add(difference: ValueDifference): void {
    const { path } = difference
    if (difference.kind === 'removed' && this.#withdraw(path)) return
    const strict = difference.kind !== 'set'
    const i = this.#entries.findLastIndex(
      ({ path: held }) =>
        held !== undefined && isPrefix(held, path) && !(strict && held.length === path.length),
    )
    const entry = this.#entries[i]
    if (entry?.path === undefined) return this.#append(difference)
    const { operation, path: held } = entry
    const value = withDifference(operation.value ?? null, path.slice(held.length), difference)
    this.#entries[i] = { ...entry, operation: { ...operation, value } }
  }

  #append(difference: ValueDifference): void {
    const path = pointerOf(difference.path)
    const operation: Operation =
      difference.kind === 'removed'
        ? { op: 'remove', path }
        : { op: difference.kind === 'set' ? 'replace' : 'add', path, value: difference.value }
    this.#entries.push({ operation, path: undefined, isNew: true })
  }

  /**
   * Takes the operation away that added the value at a path; false where none did, or where it is not clear
   * what later ones would then mean.
   */
  #withdraw(path: Path): boolean {
    const i = this.#entries.findIndex(
      ({ operation, path: held }) =>
        operation.op === 'add' && held?.length === path.length && isPrefix(held, path),
    )
    if (i < 0) return false
    const added = this.#entries[i]!.operation
    const list = tokensOf(added.path).slice(0, -1)
    const isClear = this.#entries
      .slice(i + 1)
      .filter(({ operation }) => isPrefix(list, tokensOf(operation.path)))
      .every(({ path: held, isNew }) => (held !== undefined || isNew) && !added.path.endsWith('/-'))
    if (!isClear) return false
    // Operations on what was added go with it; those on later items of a list move up.
    this.#entries = this.#entries.flatMap((entry, j) => {
      if (j < i) return [entry]
      if (j === i || (entry.path !== undefined && isPrefix(path, entry.path))) return []
      const moved = stepped(tokensOf(entry.operation.path), tokensOf(added.path), -1)
      return [{ ...entry, operation: { ...entry.operation, path: pointerOf(moved) } }]
    })
    return true
  }

  /** The field that an operation says in the end; undefined where a later one or something else says it. */
  #heldBy({ op, path, value }: Operation, later: readonly Operation[]): Path | undefined {
    if (op !== 'add' && op !== 'replace') return undefined
    const tokens = path.endsWith('/-') ? this.#appendedAt(path, later) : this.#movedBy(tokensOf(path), later)
    if (tokens === undefined) return undefined
    const steps = tokens.map((token, i) => (this.#isList(tokens.slice(0, i)) ? Number(token) : token))
    return isDeepEqual(valueAt(this.#before, steps), value) ? steps : undefined
  }

  /** The place of an item at a list's end; undefined where the list is touched otherwise as well. */
  #appendedAt(path: string, later: readonly Operation[]): readonly string[] | undefined {
    const list = tokensOf(path).slice(0, -1)
    const items = valueAt(this.#before, list)
    const isTouched = later.some(
      one => one.op === 'remove' || (isPrefix(list, tokensOf(one.path)) && one.path !== path),
    )
    if (!Array.isArray(items) || isTouched) return undefined
    return [...list, String(items.length - 1 - later.filter(one => one.path === path).length)]
  }

  /** Where a field stands after later operations; undefined where one of them says it or a part of it. */
  #movedBy(path: readonly string[], later: readonly Operation[]): readonly string[] | undefined {
    let tokens = path
    for (const { op, path: pointer } of later) {
      if (op === 'test') continue
      const other = tokensOf(pointer)
      const inList = /^\d+$/.test(other.at(-1) ?? '') && this.#isList(other.slice(0, -1))
      if (other.length > tokens.length && isPrefix(tokens, other)) return undefined
      if (inList && op === 'add') tokens = stepped(tokens, other, 1)
      else if (isPrefix(other, tokens)) return undefined
      else if (inList && op === 'remove') tokens = stepped(tokens, other, -1)
    }
    return tokens
  }

  #isList(path: readonly string[]): boolean {
    return Array.isArray(valueAt(this.#before, path))
  }
}

/** A path whose index in the list of another one's item steps on (or back) where that item comes (or goes). */
function stepped(path: readonly string[], item: readonly string[], by: 1 | -1): readonly string[] {
  const at = item.length - 1
  const [own, other] = [Number(path[at]), Number(item[at])]
  if (!isPrefix(item.slice(0, -1), path) || !Number.isInteger(own) || !Number.isInteger(other)) return path
  return (by === 1 ? own >= other : own > other)
    ? [...path.slice(0, at), String(own + by), ...path.slice(at + 1)]
    : path
}

const isPrefix = (start: Path, path: Path): boolean =>
  start.length <= path.length && start.every((step, i) => String(step) === String(path[i]))

const tokensOf = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map(token => token.replaceAll('~1', '/').replaceAll('~0', '~'))

const pointerOf = (path: Path): string =>
  path.map(step => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
