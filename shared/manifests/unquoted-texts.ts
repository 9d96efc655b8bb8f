import type { UnquotedText } from '../view/sources.ts'

/** Where all values must be texts. */
const maps: readonly (readonly string[])[] = [
  ['metadata', 'labels'],
  ['metadata', 'annotations'],
  ['spec', 'selector'],
  ['spec', 'selector', 'matchLabels'],
  ['spec', 'template', 'metadata', 'labels'],
  ['spec', 'template', 'metadata', 'annotations'],
]

/** The labels, annotations and selector values of an object that are numbers or booleans. */
export const unquotedTextsIn = (object: unknown): readonly UnquotedText[] =>
  maps.flatMap(path =>
    Object.entries(mapAt(object, path)).flatMap(([key, value]: [string, unknown]) =>
      typeof value === 'number' || typeof value === 'boolean' ? [{ path: [...path, key], value }] : [],
    ),
  )

const mapAt = (object: unknown, path: readonly string[]): object =>
  path.reduce<object>((value, key) => {
    const inner: unknown = Reflect.get(value, key)
    return typeof inner === 'object' && inner !== null ? inner : {}
  }, object as object)
