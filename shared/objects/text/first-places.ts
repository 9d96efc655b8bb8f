/** Where each value of a list stands first. */
export function firstPlaces<T>(values: readonly T[]): ReadonlyMap<T, number> {
  const places = new Map<T, number>()
  for (const [i, value] of values.entries()) if (!places.has(value)) places.set(value, i)
  return places
}
