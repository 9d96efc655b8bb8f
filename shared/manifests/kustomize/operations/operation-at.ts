import { valueAt, type Path } from '../../../objects/paths.ts'
import { isDeepEqual } from '../../edit/equal.ts'
import { finalPlaceOf, isOperations, isPrefix, isTransfer } from './operation-paths.ts'

/** From here on a field is so small that an operation on a part of it is what it is about: `spec.http[0].route`. */
const leastSteps = 4

/**
 * The operation that says a field of the object that a patch makes, or else a part of it, as a path in the list of
 * operations; undefined where none does.
 */
export function operationAt(operations: readonly unknown[], object: unknown, path: Path): Path | undefined {
  if (!isOperations(operations)) return undefined
  const said = operations.flatMap((operation, i) => {
    const place = finalPlaceOf(operation, operations.slice(i + 1), object)?.path
    const { op, value } = operation
    if (place === undefined || op === 'test') return []
    if (op === 'remove') return [{ place, at: [i], isWhole: false }]
    if (isTransfer(operation)) return [{ place, at: [i], isWhole: true }]
    return isDeepEqual(valueAt(object, place), value) ? [{ place, at: [i, 'value'], isWhole: true }] : []
  })
  const around = said.findLast(({ place, isWhole }) => isWhole && isPrefix(place, path))
  if (around !== undefined)
    return around.at.length > 1 ? [...around.at, ...path.slice(around.place.length)] : around.at
  return path.length < leastSteps ? undefined : said.findLast(({ place }) => isPrefix(path, place))?.at
}
