/** One part of a whole that is divided. */
export interface WeighedPart<T> {
  readonly of: T
  /** Its weight among all; not negative. */
  readonly weight: number
}

/** A part, and how many of the whole it gets. */
export interface Divided<T> {
  readonly of: T
  readonly count: number
}

/**
 * Divides a number of pods by weights with the largest remainder: each part gets the whole pods of its quota, and what
 * is left goes one by one to the largest remainders, of equal ones to the first. A part with a weight gets a pod at
 * least, from the part that has most; where there are fewer pods than such parts, there are as many pods as parts.
 * Without any weight the first part gets all.
 */
export function divide<T>(total: number, parts: readonly WeighedPart<T>[]): readonly Divided<T>[] {
  const sum = parts.reduce((all, { weight }) => all + weight, 0)
  if (sum === 0) return parts.map(({ of }, i) => ({ of, count: i === 0 ? total : 0 }))
  const pods = Math.max(total, parts.filter(({ weight }) => weight > 0).length)
  // In whole numbers, so that no rounding decides.
  const quotas = parts.map(({ weight }) => ({
    whole: Math.floor((pods * weight) / sum),
    rest: (pods * weight) % sum,
  }))
  const left = pods - quotas.reduce((all, { whole }) => all + whole, 0)
  const larger = quotas
    .map(({ rest }, index) => ({ rest, index }))
    .toSorted((a, b) => b.rest - a.rest || a.index - b.index)
    .slice(0, left)
  const counts = quotas.map(({ whole }, i) => whole + (larger.some(({ index }) => index === i) ? 1 : 0))
  return withOneEach(parts, counts)
}

/** Each part with a weight has a pod: those that have none get one of the part that has most. */
function withOneEach<T>(parts: readonly WeighedPart<T>[], given: readonly number[]): readonly Divided<T>[] {
  const counts = [...given]
  for (const [i, { weight }] of parts.entries()) {
    if (weight === 0 || counts[i]! > 0) continue
    const most = counts.indexOf(Math.max(...counts))
    counts[most]!--
    counts[i] = 1
  }
  return parts.map(({ of }, i) => ({ of, count: counts[i]! }))
}

/** The least number of pods that whole percentages divide without a remainder; its multiples do so, too. */
export const exactTotal = (percents: readonly number[]): number =>
  100 / percents.filter(percent => percent > 0).reduce(gcd, 100)

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))
