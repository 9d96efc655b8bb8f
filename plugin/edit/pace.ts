import { notReadyInTime, type UnreadyVersion } from '../../shared/plan/finish/ready.ts'
import type { Target } from '../../shared/plan/intent.ts'
import type { PlanStep } from '../../shared/routing/provider.ts'

/** How long an edit waits between its writes, in milliseconds. */
export interface Pace {
  /** For the proxies to receive subsets before a route names them. */
  readonly settle: number
  /** For requests that are under way before what served them is removed. */
  readonly drain: number
  /** At most, for pods of a version to become ready before a route leads to it. */
  readonly ready: number
  /** Resolves after this many milliseconds, or rejects when the person interrupts it. */
  readonly wait: (milliseconds: number) => Promise<void>
}

/** What an edit waits for, and how long. */
export type Waiting =
  | { readonly until: NonNullable<PlanStep['waits']>; readonly milliseconds: number }
  /** At most so long for pods of these versions. */
  | { readonly until: 'ready'; readonly milliseconds: number; readonly lacking: readonly UnreadyVersion[] }

/** How a wait before a write is made and reported. */
export interface PaceOptions {
  readonly pace: Pace
  readonly signal?: AbortSignal | undefined
  readonly report: (waiting: Waiting) => void
  /** Reads again which versions that are about to get requests have no ready pod. */
  readonly lacking: () => Promise<readonly UnreadyVersion[]>
  readonly target: Target
}

/** The milliseconds between two checks whether pods are ready. */
const lookEvery = 1000

/**
 * Waits as the steps of a plan ask. False where a person stops it while requests are drained: the routes are as
 * wanted then, and only what they no longer name is still there. Throws a CanaryError `refused` where a version that
 * is about to get requests has no ready pod in time.
 */
export async function waitBefore({ waits }: Pick<PlanStep, 'waits'>, options: PaceOptions): Promise<boolean> {
  const { pace, signal } = options
  if (waits === 'drained') {
    await waitFor({ until: waits, milliseconds: pace.drain }, options)
    return signal?.aborted !== true
  }
  if (waits === undefined) return true
  const settle = async (): Promise<void> => {
    await waitFor({ until: waits, milliseconds: pace.settle }, options)
    signal?.throwIfAborted()
  }
  if (waits === 'pods') {
    await waitForPods(options)
    await settle()
    return true
  }
  await settle()
  // The proxies have to receive the addresses of pods that have just become ready, too.
  if (await waitForPods(options)) await settle()
  return true
}

/** Only an interrupt ends it early. */
async function waitFor(waiting: Waiting, { pace, report }: PaceOptions): Promise<void> {
  if (waiting.milliseconds === 0) return
  report(waiting)
  await pace.wait(waiting.milliseconds).catch(() => undefined)
}

/** False where all pods were there already. */
async function waitForPods({ pace, signal, report, lacking, target }: PaceOptions): Promise<boolean> {
  const looks = Math.ceil(pace.ready / lookEvery)
  let said = ''
  for (let look = 0; ; look++) {
    const missing = await lacking()
    const [first] = missing
    if (first === undefined) return look > 0
    if (look === looks) throw notReadyInTime(first, { waited: `${pace.ready / 1000} s`, target })
    const text = JSON.stringify(missing)
    if (text !== said)
      report({ until: 'ready', milliseconds: pace.ready - look * lookEvery, lacking: missing })
    said = text
    await pace.wait(lookEvery).catch(() => undefined)
    signal?.throwIfAborted()
  }
}
