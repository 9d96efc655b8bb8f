/** Gives back what was taken; a second time does nothing. */
export type Leave = () => void

interface Waiting {
  readonly size: number
  readonly enter: () => void
}

/** Room for so much at a time: who finds none waits, and all go in as they came. */
export class Room {
  readonly #size: number
  #taken = 0
  #waiting: readonly Waiting[] = []

  constructor(size: number) {
    this.#size = size
  }

  /**
   * Resolves when there is room for so much (all of it, for what is larger); undefined where there is none in
   * time.
   */
  async enter(size: number, withinMs: number): Promise<Leave | undefined> {
    const taking = Math.min(size, this.#size)
    if (this.#waiting.length === 0 && this.#taken + taking <= this.#size) return this.#take(taking)
    const { promise, resolve } = Promise.withResolvers<Leave | undefined>()
    const waiting: Waiting = { size: taking, enter: () => resolve(this.#take(taking)) }
    this.#waiting = [...this.#waiting, waiting]
    const timer = setTimeout(() => {
      this.#waiting = this.#waiting.filter(other => other !== waiting)
      resolve(undefined)
      // It may have been too large for the room that there is for those behind it.
      this.#admit()
    }, withinMs)
    const leave = await promise
    clearTimeout(timer)
    return leave
  }

  #take(size: number): Leave {
    this.#taken += size
    let isIn = true
    return () => {
      if (!isIn) return
      isIn = false
      this.#taken -= size
      this.#admit()
    }
  }

  #admit(): void {
    for (
      let [next] = this.#waiting;
      next !== undefined && this.#taken + next.size <= this.#size;
      [next] = this.#waiting
    ) {
      this.#waiting = this.#waiting.slice(1)
      next.enter()
    }
  }
}
