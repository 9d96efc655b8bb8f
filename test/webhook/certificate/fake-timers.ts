import { setImmediate } from 'node:timers/promises'
import type { Timers } from '../../../shared/live/watch/stream/timers.ts'

/** A clock that only a test moves. */
export class FakeTimers implements Timers {
  #now: number
  #due: { readonly at: number; readonly callback: () => void }[] = []

  constructor(start: string) {
    this.#now = Date.parse(start)
  }

  now(): number {
    return this.#now
  }

  elapsed(): number {
    return this.#now
  }

  random(): number {
    return 0.5
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + ms, callback }
    this.#due.push(timer)
    return () => void (this.#due = this.#due.filter(other => other !== timer))
  }

  /** Waits, in real time but briefly, until everybody waits for the clock. */
  async idle(waiting = 1): Promise<void> {
    const deadline = Date.now() + 20_000
    while (this.#due.length < waiting) {
      if (Date.now() > deadline) throw new Error('nobody waits for the clock')
      await setImmediate()
    }
  }

  /** Moves the clock and waits until everybody waits again. */
  async pass(ms: number): Promise<void> {
    const { length } = this.#due
    this.#now += ms
    const due = this.#due.filter(({ at }) => at <= this.#now)
    this.#due = this.#due.filter(({ at }) => at > this.#now)
    for (const { callback } of due) callback()
    await this.idle(length)
  }
}

export const second = 1000
export const day = 24 * 60 * 60 * second
