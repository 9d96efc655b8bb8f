/** What a key among a match's headers begins with, in whatever case, where it is a claim of a token (JWT). */
const prefix = '@request.auth.claims'

/** A part of a claim's path that cannot be written with dots. */
const isOdd = (part: string): boolean => part === '' || /[.[\]]/.test(part)

/**
 * The path of the claim that a key among a match's headers tests: `group`, `realm.roles`, and with brackets where a
 * part has dots: `[https://example.com/group]`. Undefined for the name of a header (ToRoutingClaim of Istio).
 */
export function claimIn(key: string): string | undefined {
  if (key[0] !== '@' || !key.toLowerCase().startsWith(prefix)) return undefined
  const path = key.slice(prefix.length)
  if (path.startsWith('.') && path.length > 1) return pathOf(path.slice(1).split('.'))
  if (path.startsWith('[') && path.endsWith(']') && path.length > 2)
    return pathOf(path.slice(1, -1).split(']['))
  return undefined
}

const pathOf = (parts: readonly string[]): string =>
  parts.some(isOdd) ? parts.map(part => `[${part}]`).join('') : parts.join('.')

/** The key by which a match tests a claim. */
export const claimHeader = (path: string): string =>
  path.startsWith('[') ? `${prefix}${path}` : `${prefix}.${path}`
