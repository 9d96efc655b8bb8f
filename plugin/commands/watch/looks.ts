import { setTimeout as sleep } from 'node:timers/promises'
import type { Reading } from '../../../shared/view/store.ts'
import type { Session } from '../../session.ts'

/** When to look again, in milliseconds. */
export interface Paces {
  /** Between two looks where changes are not told: faster than a person can follow is useless, and costs the API server. */
  readonly every: number
  /** The longest time between two looks where changes are told: some changes have no event. */
  readonly atLeastEvery: number | (() => number)
  /** From the first change to the look, because changes come in bursts. */
  readonly burst: number
  /** The least between the end of a look and the next one; as long as the look took where that is more. */
  readonly apart: number
  /** From a change to one more look, for what is written after it, such as the record of the change. */
  readonly settled: number
}

const usual: Paces = { every: 2000, atLeastEvery: 30_000, burst: 200, apart: 800, settled: 2000 }

/** Says when to look again. */
export class Looks {
  readonly #session: Session
  readonly #paces: Paces
  readonly #stopped = new AbortController()
  readonly #ends: AbortSignal
  #isTold = false
  #isFollowing = false
  #changed = Promise.withResolvers<void>()
  /** When the last look began, as `performance.now()` has it. */
  #begun = performance.now()
  /** A change was shown by the last look. */
  #isSettling = false

  constructor(session: Session, paces: Partial<Paces>) {
    this.#session = session
    this.#paces = { ...usual, ...paces }
    this.#ends = AbortSignal.any([session.streams.interrupt, this.#stopped.signal])
  }

  /** The time between two looks, where changes are not told. */
  get every(): number | undefined {
    return this.#isTold ? undefined : this.#paces.every
  }

  /** After a look that failed, in milliseconds: nothing tells that the server answers again. */
  get untilRetry(): number {
    return this.#paces.every
  }

  /** Follows changes from now on; only the first call counts, because what is followed stays the same. */
  follow(follow: Reading['follow']): void {
    if (follow === undefined || this.#isFollowing) return
    this.#isFollowing = true
    this.#isTold = true
    const onRefused = (): void => {
      this.#isTold = false
      this.#changed.resolve()
    }
    follow({ onChange: () => this.#changed.resolve(), onRefused, signal: this.#ends }).catch(onRefused)
  }

  /** Waits for the next look, so long at most where changes are told; false where there is none. */
  async next(within = Number.POSITIVE_INFINITY): Promise<boolean> {
    const { burst, apart, settled, atLeastEvery, every } = this.#paces
    const earliest = performance.now() + Math.max(apart, performance.now() - this.#begun)
    const told = typeof atLeastEvery === 'number' ? atLeastEvery : atLeastEvery()
    const most = !this.#isTold ? every : Math.min(within, this.#isSettling ? settled : told)
    const isChanged = await Promise.race([this.#changed.promise.then(() => true), this.#wait(most)])
    if (isChanged && this.#isTold) await this.#wait(Math.max(burst, earliest - performance.now()))
    this.#isSettling = isChanged
    this.#begun = performance.now()
    // The look that follows may miss what changes from here on.
    this.#changed = Promise.withResolvers()
    return !this.#ends.aborted && this.#session.streams.stdout.closed !== true
  }

  stop(): void {
    this.#stopped.abort()
  }

  /** False when the time has passed. */
  #wait(milliseconds: number): Promise<boolean> {
    return sleep(milliseconds, false, { signal: this.#ends }).catch(() => false)
  }
}
