import { hashOf } from './hash-text.ts'

/** The longest name of a Service: a DNS label (RFC 1123). */
const longest = 63

/**
 * A name that the API server takes: one that is too long is cut, with a hash of the whole behind it, so that two that begin
 * alike stay two. `apart` is what the name was made of, where that may be the same for others.
 */
export function shortName(name: string, apart?: string): string {
  if (name.length <= longest && apart === undefined) return name
  const hash = hashOf(apart ?? name)
  return `${name.slice(0, longest - hash.length - 1).replace(/-+$/, '')}-${hash}`
}
