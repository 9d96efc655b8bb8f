import type { Path } from '../objects/paths.ts'

/**
 * A label, annotation or selector value that is no text, as `version: 014` without quotes is none. The API
 * server refuses the whole object.
 */
export interface WrongLabel {
  readonly path: Path
  readonly value: unknown
}

const maps: readonly (readonly string[])[] = [
  ['metadata', 'labels'],
  ['metadata', 'annotations'],
  ['spec', 'selector'],
  ['spec', 'selector', 'matchLabels'],
  ['spec', 'template', 'metadata', 'labels'],
]

/** The values that must be text and are numbers or booleans, because somebody left the quotes out. */
export const wrongLabelsOf = (object: unknown): readonly WrongLabel[] =>
  maps.flatMap(path =>
    Object.entries(mapAt(object, path))
      .filter(([, value]) => typeof value === 'number' || typeof value === 'boolean')
      .map(([key, value]) => ({ path: [...path, key], value })),
  )

const mapAt = (object: unknown, path: readonly string[]): object =>
  path.reduce<object>((value, key) => {
    const inner: unknown = Reflect.get(value, key)
    return typeof inner === 'object' && inner !== null ? inner : {}
  }, object as object)
