import { logGamma } from './gamma.ts'
import type { Proportion } from './proportion.ts'

/**
 * Fisher's exact test, one-sided (The Design of Experiments, 1935): the probability that the first of two samples holds at
 * least as many of all that were counted, if both are drawn from the same whole. Counts are whole numbers.
 */
export function fisherGreater(one: Proportion, other: Proportion): number {
  const counted = one.count + other.count
  const total = one.total + other.total
  const most = Math.min(counted, one.total)
  const least = Math.max(0, counted - other.total)
  if (one.count <= least) return 1
  const first = Math.exp(
    logChoose(one.total, one.count) + logChoose(other.total, other.count) - logChoose(total, counted),
  )
  // Above the mean the terms fall, below it they fall the other way: sum where they do.
  const isAbove = one.count * total >= counted * one.total
  return isAbove
    ? Math.min(1, tail(first, { from: one.count, to: most }, upwards(one, other)))
    : Math.max(0, 1 - (tail(first, { from: one.count, to: least }, downwards(one, other)) - first))
}

type Step = (count: number) => number

/** The ratio of the next term to that of a count. */
const upwards = (one: Proportion, other: Proportion): Step => {
  const counted = one.count + other.count
  return count =>
    ((one.total - count) * (counted - count)) / ((count + 1) * (other.total - counted + count + 1))
}

const downwards = (one: Proportion, other: Proportion): Step => {
  const up = upwards(one, other)
  return count => 1 / up(count - 1)
}

function tail(
  first: number,
  { from, to }: { readonly from: number; readonly to: number },
  step: Step,
): number {
  let term = first
  let sum = first
  const by = to < from ? -1 : 1
  for (let count = from; count !== to && term > sum * 1e-17; count += by) {
    term *= step(count)
    sum += term
  }
  return sum
}

const logChoose = (n: number, k: number): number => logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1)
