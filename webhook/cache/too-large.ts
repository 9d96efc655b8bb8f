import type { KubeObject } from '../../shared/objects/kube-object.ts'

/**
 * More values than any VirtualService of 1.5 MB that people write: one of 6,000 routes has 114,000. Istio's
 * schema has no limit, and an object of as many small values as fit would take more memory than there is.
 */
const mostValues = 150_000
/** Deeper than any of Istio's fields, and far from what the stack takes when it is written as JSON. */
const mostDepth = 100

/** Whether an object has too many values, or too deep ones, to be kept and judged; managedFields do not count. */
export function isTooLarge({ metadata, ...rest }: KubeObject): boolean {
  let values = 0
  let level: readonly unknown[] = [{ ...metadata, managedFields: undefined }, ...Object.values(rest)]
  for (let depth = 0; level.length > 0; depth++) {
    values += level.length
    if (values > mostValues || depth > mostDepth) return true
    level = level.flatMap(value => (typeof value === 'object' && value !== null ? Object.values(value) : []))
  }
  return false
}
