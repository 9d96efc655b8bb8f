import type { KubeObject } from '../../shared/objects/kube-object.ts'

/**
 * More values than any VirtualService of 1.5 MB that people write: one of 6,000 routes has 114,000. Istio's
 * schema has no limit, and an object of as many small values as fit would take more memory than there is.
 */
const mostValues = 150_000
/** Deeper than any of Istio's fields, and far from what the stack takes when it is written as JSON. */
const mostDepth = 100

/** Whether an object has too many values, or too deep ones, to be kept and judged; managedFields do not count. */
export const isTooLarge = ({ metadata, ...rest }: KubeObject): boolean =>
  countOf([{ ...metadata, managedFields: undefined }, ...Object.values(rest)]) > mostValues

/** How many values an object has. */
export const valuesIn = (object: KubeObject | undefined): number =>
  object === undefined ? 0 : countOf([object])

/** How many values there are; more than the most where there are too many, or too deep ones. */
function countOf(values: readonly unknown[]): number {
  let count = 0
  const visit = (value: unknown, depth: number): void => {
    count++
    if (typeof value !== 'object' || value === null || count > mostValues) return
    if (depth >= mostDepth) count = mostValues + 1
    else if (Array.isArray(value)) for (const item of value) visit(item, depth + 1)
    else for (const key in value) visit(Reflect.get(value, key), depth + 1)
  }
  for (const value of values) visit(value, 0)
  return count
}
