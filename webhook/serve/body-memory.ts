/** The memory of one body that is received. */
export interface BodyShare {
  /** Takes so many bytes that have come; false if no more may be read until `onRoom` is called. */
  grow(bytes: number): boolean
  /** The whole body has come: from now on nobody drops it. */
  complete(): void
  /** Gives all bytes back; a second call does nothing. */
  release(): void
}

export interface BodyMemoryOptions {
  /** Bytes that all bodies share; those that come when these are used up wait. */
  readonly size: number
  /** A body that brings nothing for so long is dropped while others wait. */
  readonly stallMs: number
}

/** What to do with a body: read on, or give it up. */
export interface BodyCallbacks {
  readonly onRoom: () => void
  readonly onDropped: () => void
}

interface BodyState extends BodyCallbacks {
  bytes: number
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
  readonly #shares = new Set<BodyState>()
  /** In the order in which they came. */
  readonly #waiting = new Set<BodyState>()
  #used = 0
  #first: BodyState | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: BodyMemoryOptions) {
    this.#options = options
  }

  open(callbacks: BodyCallbacks): BodyShare {
    const share: BodyState = { ...callbacks, bytes: 0, lastMs: performance.now(), state: 'reading' }
    this.#shares.add(share)
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
        this.#admit()
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
    if (!this.#shares.delete(share)) return
    this.#waiting.delete(share)
    this.#used -= share.bytes
    if (this.#first === share) this.#first = undefined
    this.#admit()
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
      share.lastMs = performance.now()
      share.onRoom()
    }
    this.#watch()
  }

  /** Looks for stalled bodies as long as others wait. */
  #watch(): void {
    if (this.#waiting.size === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
      return
    }
    this.#timer ??= setInterval(() => {
      const before = performance.now() - this.#options.stallMs
      for (const share of this.#shares)
        if (share.state === 'reading' && share.lastMs < before) {
          this.#release(share)
          share.onDropped()
        }
    }, this.#options.stallMs / 4).unref()
  }
}
