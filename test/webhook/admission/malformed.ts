/** Hundreds of ways in which a review can be malformed: every part of a sound one, replaced by everything that it is not. */
import { reviewOf, virtualService } from '../requests.ts'

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
type Path = readonly (string | number)[]

const oddities: readonly (Json | undefined)[] = [
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

/** Every place in a value, the deepest included. */
export function placesIn(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [
    path,
    ...Object.entries(value).flatMap(([key, item]) =>
      placesIn(item, [...path, Array.isArray(value) ? Number(key) : key]),
    ),
  ]
}

/** The value with another one in a place; undefined takes the place out. */
export function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by
  const fields = value as Record<string | number, unknown>
  if (Array.isArray(value))
    return value.map((item: unknown, i) => (i === key ? replaced(item, rest, by) : item))
  return { ...fields, [key]: replaced(fields[key], rest, by) }
}

/** A sound review of an update. */
export const sound = reviewOf({
  before: virtualService({ v1: 100 }),
  after: virtualService({ v1: 90, v2: 10 }),
})

/** The malformed reviews as bodies. */
export const malformed: readonly string[] = [
  ...new Set([
    ...placesIn(sound)
      .filter(path => path.length <= 6)
      .flatMap(path => oddities.map(by => JSON.stringify(replaced(sound, path, by)) ?? '')),
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
