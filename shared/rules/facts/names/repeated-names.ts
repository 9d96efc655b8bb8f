import { firstPlaces } from '../../../objects/text/first-places.ts'
import { freeName } from '../../../objects/text/free-name.ts'
import { quotedName } from '../../../objects/text/escaped.ts'
import { textOf } from '../../../objects/unchecked.ts'
import { formatPath, type Path, type Violation } from '../../rule.ts'

/** A violation for each rule of a list at a path that has the name of an earlier one; the fix is a name that none has. */
export function* repeatedNames(
  rules: readonly { readonly name?: unknown }[],
  list: Path,
): Iterable<Violation> {
  const names = rules.map(({ name }) => textOf(name))
  const first = firstPlaces(names)
  const taken = new Set(names)
  for (const [i, name] of names.entries()) {
    if (name === undefined || first.get(name) === i) continue
    const path = [...list, i, 'name']
    const free = freeName(name, taken)
    taken.add(free)
    yield {
      path,
      message: `rule ${first.get(name)! + 1} has the name ${quotedName(name)}, too`,
      about: name,
      fix: `Set ${formatPath(path)}: ${free}`,
    }
  }
}
