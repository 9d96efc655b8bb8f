/**
 * A stable share of the values of a header: those whose last digits are a number below a threshold. A larger share
 * takes in a smaller one, so that nobody leaves as it grows.
 */
export interface Bucket {
  /** Above 0 and below 100, with at most two decimals. */
  readonly percent: number
  readonly digits: 'decimal' | 'hex'
}

/** How many digits at the end of a value count. */
export const digitsOf = ({ percent, digits }: Bucket): number =>
  digits === 'hex' ? 4 : Number.isInteger(percent) ? 2 : Number.isInteger(percent * 10) ? 3 : 4

/**
 * The regex for the whole of a value in the bucket. Of hex digits four count, so that the share is right to 0.01
 * percentage points.
 */
export function bucketRegex(bucket: Bucket): string {
  const base = bucket.digits === 'hex' ? 16 : 10
  const count = digitsOf(bucket)
  const below = Math.max(1, Math.round((bucket.percent / 100) * base ** count))
  return `.*(?:${numbersBelow(below, base, count).join('|')})`
}

/** Patterns for the numbers from 0 that are below another, in so many digits. */
function numbersBelow(below: number, base: number, count: number): readonly string[] {
  const digits = below.toString(base).padStart(count, '0').split('')
  return digits.flatMap((digit, i) => {
    const value = Number.parseInt(digit, base)
    if (value === 0) return []
    const first = digits
      .slice(0, i)
      .map(each => oneOf([each], base))
      .join('')
    const lesser = Array.from({ length: value }, (_, lower) => lower.toString(base))
    const rest = count - i - 1
    const any = rest === 0 ? '' : `${oneOf(all(base), base)}${rest === 1 ? '' : `{${rest}}`}`
    return [`${first}${oneOf(lesser, base)}${any}`]
  })
}

const all = (base: number): readonly string[] =>
  Array.from({ length: base }, (_, digit) => digit.toString(base))

/** One of some neighbouring digits, of letters in both cases. */
function oneOf(digits: readonly string[], base: number): string {
  const numbers = digits.filter(digit => digit < 'a')
  const letters = digits.filter(digit => digit >= 'a')
  const both = base === 10 ? [] : [letters, letters.map(letter => letter.toUpperCase())]
  const ranges = [numbers, ...both].map(rangeOf).join('')
  return ranges.length === 1 ? ranges : `[${ranges}]`
}

const rangeOf = (neighbours: readonly string[]): string =>
  neighbours.length < 3 ? neighbours.join('') : `${neighbours[0]}-${neighbours.at(-1)}`
