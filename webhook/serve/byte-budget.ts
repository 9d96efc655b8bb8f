/** Gives back what was acquired; a second call does nothing. */
export type ReleaseBytes = () => void

interface Waiter {
  readonly size: number
  readonly acquire: () => void
}

/** A budget of bytes that requests share: those that exceed it wait, in the order in which they came. */
export class ByteBudget {
  readonly #size: number
  #used = 0
  #waiters: readonly Waiter[] = []

  constructor(size: number) {
    this.#size = size
  }

  /** Takes this many bytes if they are free and nobody waits; else undefined. */
  take(size: number): ReleaseBytes | undefined {
    const needed = Math.min(size, this.#size)
    return this.#waiters.length === 0 && this.#used + needed <= this.#size ? this.#take(needed) : undefined
  }

  /**
   * Resolves when this many bytes are free (the whole budget, for a larger size); undefined if they are not free
   * in time.
   */
  async acquire(size: number, withinMs: number): Promise<ReleaseBytes | undefined> {
    const taken = this.take(size)
    if (taken !== undefined) return taken
    const needed = Math.min(size, this.#size)
    const { promise, resolve } = Promise.withResolvers<ReleaseBytes | undefined>()
    const waiter: Waiter = { size: needed, acquire: () => resolve(this.#take(needed)) }
    this.#waiters = [...this.#waiters, waiter]
    const timer = setTimeout(() => {
      this.#waiters = this.#waiters.filter(other => other !== waiter)
      resolve(undefined)
      // It may have been too large for what is free, which is enough for those behind it.
      this.#admit()
    }, withinMs)
    const release = await promise
    clearTimeout(timer)
    return release
  }

  #take(size: number): ReleaseBytes {
    this.#used += size
    let isReleased = false
    return () => {
      if (isReleased) return
      isReleased = true
      this.#used -= size
      this.#admit()
    }
  }

  #admit(): void {
    for (
      let [next] = this.#waiters;
      next !== undefined && this.#used + next.size <= this.#size;
      [next] = this.#waiters
    ) {
      this.#waiters = this.#waiters.slice(1)
      next.acquire()
    }
  }
}
