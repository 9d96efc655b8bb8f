/** Malformed reviews: a valid one with each of its parts replaced by values of other types, and random mutations of it. */
import type { Path } from '../../../shared/objects/paths.ts'
import { fc } from '../../properties.ts'
import { reviewOf, virtualService } from '../requests.ts'

const otherValues: readonly unknown[] = [
  undefined,
  null,
  true,
  0,
  -1.5,
  '',
  'x',
  '\u0000\n',
  [],
  [null],
  {},
  { __proto__x: 1 },
  'y'.repeat(70_000),
]

/** The path of every part of a value. */
export function pathsIn(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [
    path,
    ...Object.entries(value).flatMap(([key, item]) =>
      pathsIn(item, [...path, Array.isArray(value) ? Number(key) : key]),
    ),
  ]
}

/** The value with the part at a path replaced. */
export function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by
  const fields = value as Record<string | number, unknown>
  if (Array.isArray(value))
    return value.map((item: unknown, i) => (i === key ? replaced(item, rest, by) : item))
  return { ...fields, [key]: replaced(fields[key], rest, by) }
}

/** A valid review of an update. */
export const valid = reviewOf({
  before: virtualService({ v1: 100 }),
  after: virtualService({ v1: 90, v2: 10 }),
})

/** The malformed reviews as bodies. */
export const malformed: readonly string[] = [
  ...new Set([
    ...pathsIn(valid)
      .filter(path => path.length <= 6)
      .flatMap(path => otherValues.map(by => JSON.stringify(replaced(valid, path, by)) ?? '')),
    '',
    '{',
    '[]',
    'null',
    '"x"',
    '1e999',
    '\ufeff{}',
    '{"request":{"uid":"c0ffee"}}',
    '{"a":'.repeat(5000),
    '['.repeat(50_000) + ']'.repeat(50_000),
  ]),
]

const paths = pathsIn(valid)
const mutation = fc.tuple(
  fc.nat(paths.length - 1),
  fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom(undefined, 'CREATE', 'DELETE', 'Service', 'DestinationRule', 'apps', 'Deployment', 101),
  ),
)

/** Bodies of reviews with one to three random mutations. */
export const mutatedBody: fc.Arbitrary<string> = fc
  .array(mutation, { minLength: 1, maxLength: 3 })
  .map(mutations => {
    const review = mutations.reduce<unknown>((value, [path, by]) => {
      try {
        return replaced(value, paths[path]!, by)
      } catch {
        return value // An earlier mutation has removed the path.
      }
    }, valid)
    return JSON.stringify(review) ?? ''
  })

/** The uid that an answer must have: that of the body, if it has one. */
export function uidIn(body: string): string | undefined {
  try {
    const uid = (JSON.parse(body) as { request?: { uid?: unknown } } | null)?.request?.uid
    return typeof uid === 'string' && uid !== '' ? uid : undefined
  } catch {
    return undefined
  }
}
