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

/** The value at a path of an object; undefined where there is none. */
export const valueAt = (object: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (value, step) => (typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined),
    object,
  )
