/** Keys and indexes from the object's root: `['spec', 'http', 0, 'route']`. */
export type Path = readonly (string | number)[]

/** A path as people and yq write it: `spec.http[0].headers["x-a"]`. */
export const formatPath = (path: Path): string =>
  path
    .map((step, i) =>
      typeof step === 'number'
        ? `[${step}]`
        : /^[A-Za-z_][\w-]*$/.test(step)
          ? `${i === 0 ? '' : '.'}${step}`
          : `[${JSON.stringify(step)}]`,
    )
    .join('')

/** A path as a JSON pointer (RFC 6901): `/spec/http/0/headers/x-a`. */
export const pointerTo = (path: Path): string =>
  path.map(step => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** The value at a path of an object; undefined where there is none. */
export const valueAt = (object: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (value, step) => (typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined),
    object,
  )

/** What a field is to have: the value (undefined where the field is to go), or the list one more item. */
export interface FieldValue {
  readonly value: unknown
  readonly isItem: boolean
}

/** The object with a field set; what leads there is made where it is missing. */
export function withValueAt<T>(object: T, path: Path, field: FieldValue): T {
  const [step, ...rest] = path
  if (step === undefined)
    return (field.isItem ? [...(Array.isArray(object) ? object : []), field.value] : field.value) as T
  const within = valueAt(object, [step])
  const value = withValueAt(within, rest, field)
  if (typeof step === 'number')
    return (Array.isArray(object) ? object : []).toSpliced(
      step,
      1,
      ...(value === undefined ? [] : [value]),
    ) as T
  const { [step]: _, ...others } = (object ?? {}) as Readonly<Record<string, unknown>>
  return (value === undefined ? others : { ...others, [step]: value }) as T
}

/** A value as it may be in a manifest: text without quotes where YAML reads it as that text. */
export const formatValue = (value: unknown): string =>
  typeof value === 'string' && isPlain.test(value) && !isOtherThanText.test(value)
    ? value
    : JSON.stringify(value)

const isPlain = /^[A-Za-z](?:[\w./-]|:(?=\S))*$/
const isOtherThanText = /^(?:true|false|null|yes|no|on|off|y|n)$/i
