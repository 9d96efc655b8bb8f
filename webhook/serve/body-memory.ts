/** The memory of one body that is received. */
export interface BodyShare {
  /** Takes this many bytes that have come; false if no more may be read until `onRoom` is called. */
  grow(bytes: number): boolean
  /** The whole body has come: from now on nobody drops it. */
  complete(): void
  /** Gives all bytes back; a second call does nothing. */
  release(): void
}

export interface BodyMemoryOptions {
  /** Bytes that all bodies share; those that come when these are used up wait. */
  readonly size: number
  /** A body that brings nothing for this long is dropped while others wait. */
  readonly stallMs: number
  /** How long a body may take while there is memory for it; to within a quarter of the stall time. */
  readonly withinMs: number
}

/** What to do with a body: read on, or give it up. */
export interface BodyCallbacks {
  readonly onRoom: () => void
  readonly onDropped: () => void
}

interface BodyState extends BodyCallbacks {
  bytes: number
  /** Where it is in the list of all. */
  place: number
  /** Since when it is read without a pause. */
  sinceMs: number
  lastMs: number
  state: 'reading' | 'waiting' | 'complete'
}

/** What a body takes besides its bytes. */
const overhead = 4096

/**
 * The memory of all bodies that are received, by the bytes that have come and not by those that were announced: a
 * connection that announces much and sends nothing takes next to nothing from others. One of those that wait may
 * always read on, so that they never wait for each other; it stops to be that one when it stalls.
 */
export class BodyMemory {
  readonly #options: BodyMemoryOptions
  /** In no order; not a Set, see `Connections`. */
  readonly #shares: BodyState[] = []
  /** In the order in which they came. */
  readonly #waiting = new Set<BodyState>()
  #used = 0
  #first: BodyState | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: BodyMemoryOptions) {
    this.#options = options
  }

  open(callbacks: BodyCallbacks): BodyShare {
    const now = performance.now()
    const { onRoom, onDropped } = callbacks
    const place = this.#shares.length
    const times = { sinceMs: now, lastMs: now }
    const share: BodyState = { onRoom, onDropped, place, bytes: 0, ...times, state: 'reading' }
    this.#shares.push(share)
    this.#watch()
    this.#take(share, overhead)
    return {
      grow: bytes => {
        this.#take(share, bytes)
        share.lastMs = performance.now()
        if (this.#used <= this.#options.size || this.#first === share) return true
        share.state = 'waiting'
        this.#waiting.add(share)
        this.#admit()
        return this.#stateOf(share) !== 'waiting'
      },
      complete: () => {
        share.state = 'complete'
        this.#waiting.delete(share)
        if (this.#first === share) this.#first = undefined
        if (this.#waiting.size > 0) this.#admit()
      },
      release: () => this.#release(share),
    }
  }

  #stateOf(share: BodyState): BodyState['state'] {
    return share.state
  }

  #take(share: BodyState, bytes: number): void {
    share.bytes += bytes
    this.#used += bytes
  }

  #release(share: BodyState): void {
    if (this.#shares[share.place] !== share) return
    const last = this.#shares.pop()!
    if (last !== share) {
      this.#shares[share.place] = last
      last.place = share.place
    }
    share.place = -1
    this.#waiting.delete(share)
    this.#used -= share.bytes
    if (this.#first === share) this.#first = undefined
    if (this.#waiting.size > 0) this.#admit()
  }

  /** Lets those read on for which there is room, and the first of the others. */
  #admit(): void {
    for (const share of this.#waiting) {
      if (this.#used > this.#options.size) {
        if (this.#first !== undefined) break
        this.#first = share
      }
      this.#waiting.delete(share)
      share.state = 'reading'
      share.sinceMs = share.lastMs = performance.now()
      share.onRoom()
    }
  }

  /**
   * Looks for bodies that stall or take too long, as long as there are any: one timer for all of them costs a body next
   * to nothing.
   */
  #watch(): void {
    this.#timer ??= setInterval(() => {
      if (this.#shares.length === 0) {
        clearInterval(this.#timer)
        this.#timer = undefined
      } else this.#dropLate(performance.now())
    }, this.#options.stallMs / 4).unref()
  }

  #dropLate(now: number): void {
    const { stallMs, withinMs } = this.#options
    for (const share of this.#shares.slice()) {
      const isStalled = this.#waiting.size > 0 && share.lastMs < now - stallMs
      if (share.place < 0 || share.state !== 'reading' || !(isStalled || share.sinceMs < now - withinMs))
        continue
      this.#release(share)
      share.onDropped()
    }
  }
}
