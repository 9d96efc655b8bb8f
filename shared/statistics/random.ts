/** Numbers from 0 up to 1, the same ones for the same seed. */
export type Random = () => number

/** Mulberry32 by Tommy Ettinger (2017): fast, and good enough for simulations. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d_2b_79_f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A draw from the standard normal distribution (Box and Muller 1958). */
export function normalDraw(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** Means from here on are drawn from the normal distribution, which differs little there. */
const large = 50

/** How many events happen where so many are expected. */
export function poissonDraw(mean: number, random: Random): number {
  if (mean >= large) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normalDraw(random)))
  const least = Math.exp(-mean)
  let count = 0
  for (let product = random(); product > least; product *= random()) count++
  return count
}

/** How many of so many have a property that each has with a probability. */
export function binomialDraw(total: number, probability: number, random: Random): number {
  if (probability <= 0 || total <= 0) return 0
  if (probability >= 1) return total
  if (probability > 0.5) return total - binomialDraw(total, 1 - probability, random)
  const mean = total * probability
  if (mean >= large) {
    const draw = Math.round(mean + Math.sqrt(mean * (1 - probability)) * normalDraw(random))
    return Math.min(total, Math.max(0, draw))
  }
  // From one to the next by the waiting times between them (Devroye 1986, X.4.3).
  const scale = Math.log1p(-probability)
  let count = 0
  for (let at = 0; ; count++) {
    at += Math.floor(Math.log(1 - random()) / scale) + 1
    if (at > total) return count
  }
}
