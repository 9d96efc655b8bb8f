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
  for (const value of values) count = countWith(value, 0, count)
  return count
}

/** A count with a value and all that is in it. */
function countWith(value: unknown, depth: number, before: number): number {
  let count = before + 1
  if (typeof value !== 'object' || value === null || count > mostValues) return count
  if (depth >= mostDepth) return mostValues + 1
  if (Array.isArray(value)) for (const item of value) count = countWith(item, depth + 1, count)
  else for (const key in value) count = countWith((value as Fields)[key], depth + 1, count)
  return count
}

type Fields = Readonly<Record<string, unknown>>
