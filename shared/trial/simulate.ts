import { seeded } from '../statistics/random.ts'
import { nameOfShare } from './expectation.ts'
import type { TrialShare } from './trial.ts'

/** How many of some requests went one way, beside the share that is configured. */
export interface SimulatedShare {
  readonly name: string
  readonly count: number
  /** Configured, in percent, not rounded. */
  readonly percent: number
}

/**
 * Where each of some like requests goes: a proxy draws a destination by weight for each of them, whatever it drew
 * before. The same seed gives the same counts.
 */
export function simulate(
  shares: readonly TrialShare[],
  { count, seed }: { readonly count: number; readonly seed: number },
): readonly SimulatedShare[] {
  const next = seeded(seed)
  const counts = shares.map(() => 0)
  for (let i = 0; i < count && shares.length > 0; i++) counts[drawn(shares, next() * 100)]!++
  const merged = new Map<string, SimulatedShare>()
  shares.forEach((share, i) => {
    const name = nameOfShare(share)
    const before = merged.get(name)
    merged.set(name, {
      name,
      count: (before?.count ?? 0) + counts[i]!,
      percent: (before?.percent ?? 0) + share.percent,
    })
  })
  return [...merged.values()]
}

/** The share in which a point from 0 up to 100 lies. */
function drawn(shares: readonly TrialShare[], point: number): number {
  let end = 0
  for (const [i, { percent }] of shares.entries()) {
    end += percent
    if (point < end) return i
  }
  return shares.length - 1
}
