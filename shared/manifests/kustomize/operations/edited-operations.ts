import { valueAt, type Path } from '../../../objects/paths.ts'
import { differencesOf, withDifference, type ValueDifference } from '../../edit/differences.ts'
import { isDeepEqual } from '../../edit/equal.ts'
import type { Plain } from '../../edit/plain.ts'
import {
  finalPlaceOf,
  isOperations,
  isPrefix,
  isTransfer,
  pointerOf,
  stepped,
  tokensOf,
  type FinalPlace,
  type Operation,
} from './operation-paths.ts'

/**
 * The operations that make `after` of an object that they make `before` of now: the values of those that say a
 * changed field are changed, what they do not say is added as operations of its own, and an addition that is
 * no longer wanted goes. What was moved or copied is changed by operations behind. Undefined where the operations say
 * nothing of what changes.
 */
export function editedOperations(
  operations: readonly unknown[],
  before: unknown,
  after: unknown,
): readonly Plain[] | undefined {
  if (!isOperations(operations)) return undefined
  const editor = new OperationEditor(operations, before)
  const differences = differencesOf(before as Plain, after as Plain)
  if (!differences.some(one => editor.isAbout(one))) return undefined
  for (const difference of differences) editor.add(difference)
  return editor.operations as unknown as readonly Plain[]
}

interface Entry {
  readonly operation: Operation
  /** A field that is changed by operations behind: its value comes from elsewhere, or is copied elsewhere. */
  readonly about: Path | undefined
  /** The field that its value is in the end. */
  readonly path: Path | undefined
  /** It was added for the change. */
  readonly isNew: boolean
}

class OperationEditor {
  readonly #before: unknown
  #entries: Entry[]

  constructor(operations: readonly Operation[], before: unknown) {
    this.#before = before
    this.#entries = operations.map((operation, i) => {
      const place = finalPlaceOf(operation, operations.slice(i + 1), before)
      const isHeld = says(operation) && place !== undefined && this.#isValue(operation, place)
      const isAbout = isTransfer(operation) || (isHeld && place.isCopied)
      return {
        operation,
        about: isAbout ? place?.path : undefined,
        path: isHeld && !place.isCopied ? place.path : undefined,
        isNew: false,
      }
    })
  }

  get operations(): readonly Operation[] {
    return this.#entries.map(({ operation }) => operation)
  }

  /** Whether an operation says what changes, or something in the list that changes. */
  isAbout({ kind, path }: ValueDifference): boolean {
    const around = kind !== 'set' && typeof path.at(-1) === 'number' ? path.slice(0, -1) : path
    return this.#entries.some(({ path: held, about }) => {
      const said = held ?? about
      return said !== undefined && (isPrefix(said, path) || isPrefix(around, said))
    })
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
    this.#entries.push({ operation, about: undefined, path: undefined, isNew: true })
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
    const later = this.#entries.slice(i + 1)
    if (later.some(({ operation }) => isTransfer(operation))) return false
    const isClear = later
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

  /** Whether the value of an operation is there in the end: nothing else says the field. */
  #isValue({ value }: Operation, { path }: FinalPlace): boolean {
    return isDeepEqual(valueAt(this.#before, path), value)
  }
}

const says = ({ op }: Operation): boolean => op === 'add' || op === 'replace'
