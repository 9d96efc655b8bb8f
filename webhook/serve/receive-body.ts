import type { Readable } from 'node:stream'
import type { BodyMemory, BodyShare } from './body-memory.ts'

export interface Receiving {
  readonly memory: BodyMemory
  readonly mostBytes: number
  /** How long it may take while there is memory for it. */
  readonly withinMs: number
  /** How long it may wait for memory. */
  readonly waitMs: number
}

/** A body in memory; its share is to be released. */
export interface ReceivedBody {
  readonly body: Buffer
  readonly share: BodyShare
}

/**
 * Reads a body as fast as there is memory for it. Rejects with an error with a `statusCode`: 413 for one that is too
 * large, 429 for one that waits too long for memory, 408 for one that stalls or takes too long, whose connection is
 * closed.
 */
export const receiveBody = (stream: Readable, receiving: Receiving): Promise<ReceivedBody> =>
  new Promise((resolve, reject) => void new Receiver(stream, receiving, { resolve, reject }))

interface Receipt {
  readonly resolve: (received: ReceivedBody) => void
  readonly reject: (error: Error) => void
}

class Receiver {
  readonly #stream: Readable
  readonly #receiving: Receiving
  readonly #outcome: Receipt
  readonly #share: BodyShare
  readonly #chunks: Buffer[] = []
  #size = 0
  #timer: NodeJS.Timeout | undefined

  constructor(stream: Readable, receiving: Receiving, outcome: Receipt) {
    this.#stream = stream
    this.#receiving = receiving
    this.#outcome = outcome
    this.#share = receiving.memory.open({ onRoom: () => this.#readOn(), onDropped: () => this.#giveUp() })
    this.#limitTo(receiving.withinMs)
    stream.on('data', this.#take).on('end', this.#finish).on('error', this.#fail).on('close', this.#close)
  }

  readonly #take = (chunk: Buffer): void => {
    this.#size += chunk.length
    if (this.#size > this.#receiving.mostBytes) return this.#fail(failure(413, 'the body is too large'))
    this.#chunks.push(chunk)
    if (this.#share.grow(chunk.length)) return
    this.#stream.pause()
    clearTimeout(this.#timer)
    this.#timer = setTimeout(
      () => this.#fail(failure(429, 'too many reviews at a time')),
      this.#receiving.waitMs,
    )
  }

  readonly #finish = (): void => {
    this.#stop()
    this.#share.complete()
    const body = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks, this.#size)
    this.#outcome.resolve({ body, share: this.#share })
  }

  readonly #fail = (error: Error): void => {
    this.#stop()
    this.#share.release()
    // What else comes is not kept.
    this.#stream.on('error', () => undefined).resume()
    this.#outcome.reject(error)
  }

  readonly #close = (): void => this.#fail(failure(400, 'the connection was closed within the body'))

  #readOn(): void {
    this.#limitTo(this.#receiving.withinMs)
    this.#stream.resume()
  }

  #limitTo(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#giveUp(), ms)
  }

  #giveUp(): void {
    this.#fail(failure(408, 'the body did not arrive in time'))
    this.#stream.destroy()
  }

  #stop(): void {
    clearTimeout(this.#timer)
    this.#stream
      .off('data', this.#take)
      .off('end', this.#finish)
      .off('error', this.#fail)
      .off('close', this.#close)
  }
}

const failure = (statusCode: number, message: string): Error =>
  Object.assign(new Error(message), { statusCode })
