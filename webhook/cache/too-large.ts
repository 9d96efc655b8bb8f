import type { KubeObject } from '../../shared/objects/kube-object.ts'

/**
 * More than a VirtualService of 1.5 MB has that is written for a purpose: one of 6,000 routes has 114,000
 * values. Istio's schema has no limit, and an
 * object that is made to be as many small values as fit takes more memory than there is: it is not judged,
 * and not kept.
 */
const mostParts = 150_000

/**
 * Whether judging an object would take too much: it has too many values, or one of them lies too deep. Who
 * manages its fields does not count.
 */
export function isTooLarge({ metadata, ...rest }: KubeObject): boolean {
  let parts = 0
  let level: readonly unknown[] = [{ ...metadata, managedFields: undefined }, ...Object.values(rest)]
  for (let depth = 0; level.length > 0; depth++) {
    parts += level.length
    if (parts > mostParts || depth > mostDepth) return true
    level = level.flatMap(value => (typeof value === 'object' && value !== null ? Object.values(value) : []))
  }
  return false
}

/**
 * What is written as JSON must not take all of the stack; the deepest of Istio's fields lies at a fraction of
 * it.
 */
const mostDepth = 100

/**
 * More braces, brackets and colons than any sound review of 8 MiB: parsed, each of them takes up to 100
 * bytes.
 */
const mostTokens = 400_000
/** 1 at each of them. By index and without a Set, 8 MiB take 15 ms and not 200. */
const tokens = Uint8Array.from({ length: 256 }, (_, byte) =>
  '{[:'.includes(String.fromCharCode(byte)) ? 1 : 0,
)

/** Whether parsing a body would take too much memory, whatever is in it. */
export function isTooDense(body: Uint8Array): boolean {
  if (body.length < mostTokens) return false
  let count = 0
  for (let i = 0; i < body.length; i++) count += tokens[body[i]!]!
  return count > mostTokens
}
