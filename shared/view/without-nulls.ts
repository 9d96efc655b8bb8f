/**
 * A value without the keys whose value is null, at any depth; the same value if there is none. The API
 * server drops a null where the schema does not allow it (Helm renders `match:` without a value), and where
 * it does, null means that nothing is set. A null item of a list stays: there it is a fault.
 */
export const withoutNulls = (value: unknown): unknown => (hasNulls(value) ? rebuilt(value) : value)

/** Whether some key has null for its value: hardly any object has, so they are looked for before anything is made. */
function hasNulls(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.some(hasNulls)
  for (const key in value) {
    const item = (value as Readonly<Record<string, unknown>>)[key]
    if (item === null || hasNulls(item)) return true
  }
  return false
}

function rebuilt(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(rebuilt)
    return items.every((item, i) => item === value[i]) ? value : items
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const kept = entries.filter(([, item]) => item !== null).map(([key, item]) => [key, rebuilt(item)])
  return kept.length === entries.length && kept.every(([, item], i) => item === entries[i]![1])
    ? value
    : Object.fromEntries(kept)
}
