import { upperGamma } from './gamma.ts'

/** The probability that a standard normal number is above z. */
export const normalTail = (z: number): number => {
  const tail = upperGamma(0.5, (z * z) / 2) / 2
  return z >= 0 ? tail : 1 - tail
}
