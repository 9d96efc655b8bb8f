/** Coefficients of Lanczos for g = 7 and nine terms (Godfrey 2001, http://www.numericana.com/answer/info/godfrey.htm). */
const lanczos = [
  0.999_999_999_999_809_93, 676.520_368_121_885_1, -1259.139_216_722_402_8, 771.323_428_777_653_13,
  -176.615_029_162_140_59, 12.507_343_278_686_905, -0.138_571_095_265_720_12, 9.984_369_578_019_571_6e-6,
  1.505_632_735_149_311_6e-7,
]

/** The natural logarithm of the gamma function, for a number above 0; to about 15 digits. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x)
  const [first = 0, ...rest] = lanczos
  const sum = rest.reduce((total, coefficient, i) => total + coefficient / (x + i), first)
  const base = x + 6.5
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(base) - base + Math.log(sum)
}

const precision = 1e-15
const mostTerms = 10_000

/**
 * The regularized upper incomplete gamma function Q(a, x) = Γ(a, x) / Γ(a), for a above 0 and x from 0: by the series
 * of Abramowitz and Stegun, 6.5.29, below a + 1, else by the continued fraction 6.5.31.
 */
export function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1
  if (!Number.isFinite(x)) return 0
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a))
  return x < a + 1 ? 1 - scale * lowerSeries(a, x) : scale * upperFraction(a, x)
}

function lowerSeries(a: number, x: number): number {
  let term = 1 / a
  let sum = term
  for (let n = 1; n < mostTerms && term > sum * precision; n++) {
    term *= x / (a + n)
    sum += term
  }
  return sum
}

/** By the method of Lentz, as modified by Thompson and Barnett (1986). */
function upperFraction(a: number, x: number): number {
  const tiny = 1e-300
  let b = x + 1 - a
  let c = 1 / tiny
  let d = 1 / b
  let fraction = d
  for (let n = 1; n < mostTerms; n++) {
    const factor = -n * (n - a)
    b += 2
    d = 1 / away(factor * d + b, tiny)
    c = away(b + factor / c, tiny)
    fraction *= d * c
    if (Math.abs(d * c - 1) < precision) break
  }
  return fraction
}

const away = (value: number, tiny: number): number => (Math.abs(value) < tiny ? tiny : value)
