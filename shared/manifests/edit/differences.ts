import type { Path } from '../../objects/paths.ts'
import { align } from './align.ts'
import { isDeepEqual } from './equal.ts'
import type { Plain } from './plain.ts'

/** A difference between two values; a path names what is there before the change. */
export type ValueDifference =
  | { readonly kind: 'set'; readonly path: Path; readonly value: Plain }
  | { readonly kind: 'removed'; readonly path: Path }
  | { readonly kind: 'added'; readonly path: Path; readonly value: Plain }

/** What differs: within an object first, then what goes from a list from its end, then what comes. */
export function differencesOf(
  before: Plain | undefined,
  after: Plain | undefined,
  path: Path = [],
): readonly ValueDifference[] {
  if (isDeepEqual(before, after)) return []
  if (before === undefined || before === null) return [{ kind: 'added', path, value: after! }]
  if (after === undefined) return [{ kind: 'removed', path }]
  if (isMap(before) && isMap(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap(key =>
      differencesOf(before[key], after[key], [...path, key]),
    )
  if (Array.isArray(before) && Array.isArray(after) && before.length > 0 && after.length > 0)
    return differencesOfLists(before as readonly Plain[], after as readonly Plain[], path)
  return [{ kind: 'set', path, value: after }]
}

function differencesOfLists(
  before: readonly Plain[],
  after: readonly Plain[],
  path: Path,
): readonly ValueDifference[] {
  const alignment = before.length === after.length ? [...after.keys()] : align(before, after)
  const kept = new Set(alignment)
  const within = alignment.flatMap((i, j) =>
    i === undefined ? [] : differencesOf(before[i], after[j], [...path, i]),
  )
  const removed = [...before.keys()].filter(i => !kept.has(i)).toReversed()
  return [
    ...within,
    ...removed.map((i): ValueDifference => ({ kind: 'removed', path: [...path, i] })),
    ...alignment.flatMap((i, j): ValueDifference[] =>
      i === undefined ? [{ kind: 'added', path: [...path, j], value: after[j]! }] : [],
    ),
  ]
}

/** A value with one difference in it. */
export function withDifference(value: Plain, [step, ...rest]: Path, difference: ValueDifference): Plain {
  if (step === undefined) return difference.kind === 'removed' ? null : difference.value
  if (Array.isArray(value)) {
    const items = [...(value as readonly Plain[])]
    if (rest.length > 0 || difference.kind === 'set')
      return items.map((item, i) => (i === step ? withDifference(item, rest, difference) : item))
    return difference.kind === 'removed'
      ? items.toSpliced(Number(step), 1)
      : items.toSpliced(Number(step), 0, difference.value)
  }
  const { [step]: old = null, ...others } = value as { readonly [key: string]: Plain }
  if (rest.length === 0 && difference.kind === 'removed') return others
  return { ...(value as object), [step]: withDifference(old, rest, difference) }
}

const isMap = (value: Plain): value is { readonly [key: string]: Plain } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
