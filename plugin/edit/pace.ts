import type { PlanStep } from '../../shared/routing/provider.ts'

/** How long an edit waits between its writes, in milliseconds. */
export interface Pace {
  /** For the proxies to receive subsets before a route names them. */
  readonly settle: number
  /** For requests that are under way before what served them is removed. */
  readonly drain: number
  /** Resolves after so many milliseconds, or rejects when the person interrupts it. */
  readonly wait: (milliseconds: number) => Promise<void>
}

/** What an edit waits for, and how long. */
export interface Waiting {
  readonly until: NonNullable<PlanStep['waits']>
  readonly milliseconds: number
}

/** How a wait before a write is made and reported. */
export interface PaceOptions {
  readonly pace: Pace
  readonly signal?: AbortSignal | undefined
  readonly report: (waiting: Waiting) => void
}

/**
 * Waits as the steps of a plan ask. False where a person stops it while requests are drained: the routes are as
 * wanted then, and only what they no longer name is still there.
 */
export async function waitBefore(
  { waits }: PlanStep,
  { pace, signal, report }: PaceOptions,
): Promise<boolean> {
  if (waits === undefined) return true
  const milliseconds = waits === 'served' ? pace.settle : pace.drain
  if (milliseconds > 0) {
    report({ until: waits, milliseconds })
    // Only an interrupt ends it early.
    await pace.wait(milliseconds).catch(() => undefined)
  }
  if (signal?.aborted === true && waits === 'drained') return false
  signal?.throwIfAborted()
  return true
}
