import type { Readable } from 'node:stream'
import type { BodyMemory, BodyShare } from './body-memory.ts'

export interface Receiving {
  readonly memory: BodyMemory
  readonly mostBytes: number
  /** How long it may wait for memory. */
  readonly waitMs: number
}

/** A body in memory; its share is to be released. */
export class ReceivedBody {
  readonly body: Buffer
  readonly share: BodyShare

  constructor(body: Buffer, share: BodyShare) {
    this.body = body
    this.share = share
  }
}

/** Is called once: with a body, or with an error with a `statusCode`. */
export type OnReceived = (error: Error | null, received?: ReceivedBody) => void

/**
 * Reads a body as fast as there is memory for it. The error has the status 413 for one that is too large, 429 for one
 * that waits too long for memory, 408 for one that stalls or takes too long, whose connection is closed. By callbacks:
 * what a promise, a timer and the removal of listeners take for each review is a tenth of what receiving it takes.
 */
export function receiveBody(stream: Readable, receiving: Receiving, onReceived: OnReceived): void {
  new Receiver(stream, receiving, onReceived).start()
}

class Receiver {
  readonly #stream: Readable
  readonly #receiving: Receiving
  readonly #onReceived: OnReceived
  readonly #share: BodyShare
  readonly #chunks: Buffer[] = []
  #size = 0
  #isDone = false
  /** Runs while the body waits for memory. */
  #timer: NodeJS.Timeout | undefined

  constructor(stream: Readable, receiving: Receiving, onReceived: OnReceived) {
    this.#stream = stream
    this.#receiving = receiving
    this.#onReceived = onReceived
    this.#share = receiving.memory.open({ onRoom: () => this.#readOn(), onDropped: () => this.#giveUp() })
  }

  start(): void {
    this.#stream
      .on('data', (chunk: Buffer) => this.#take(chunk))
      .on('end', () => this.#finish())
      .on('error', error => this.#fail(error))
      .on('close', () => this.#close())
  }

  #take(chunk: Buffer): void {
    if (this.#isDone) return
    this.#size += chunk.length
    if (this.#size > this.#receiving.mostBytes) return this.#fail(failure(413, 'the body is too large'))
    this.#chunks.push(chunk)
    if (this.#share.grow(chunk.length)) return
    this.#stream.pause()
    this.#timer = setTimeout(
      () => this.#fail(failure(429, 'too many reviews at a time')),
      this.#receiving.waitMs,
    )
  }

  #finish(): void {
    if (this.#isDone) return
    this.#isDone = true
    this.#share.complete()
    const body = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks, this.#size)
    this.#onReceived(null, new ReceivedBody(body, this.#share))
  }

  #fail(error: Error): void {
    if (this.#isDone) return
    this.#isDone = true
    clearTimeout(this.#timer)
    this.#chunks.length = 0
    this.#share.release()
    // What else comes is not kept.
    this.#stream.resume()
    this.#onReceived(error)
  }

  /** Every request ends with this; to make an error takes a tenth of what a remembered review takes. */
  #close(): void {
    if (!this.#isDone) this.#fail(failure(400, 'the connection was closed within the body'))
  }

  #readOn(): void {
    clearTimeout(this.#timer)
    this.#stream.resume()
  }

  #giveUp(): void {
    this.#fail(failure(408, 'the body did not arrive in time'))
    this.#stream.destroy()
  }
}

const failure = (statusCode: number, message: string): Error =>
  Object.assign(new Error(message), { statusCode })
