import { failureOf } from './api-failure.ts'
import type { Requester } from './requester.ts'
import type { Timers } from './timers.ts'

/** One GET: what is asked, how long the line may be silent (milliseconds), and what ends it early. */
export interface Fetch {
  readonly requester: Requester
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly timers: Timers
  readonly idleMs: number
  readonly signal: AbortSignal
}

/** A failed answer's body beyond this is of no interest. */
const longestMessage = 64 * 1024

/**
 * The bytes of a successful answer as they come. Throws an ApiFailure for another status, and an Error as
 * soon as the line has been
 * silent for too long, which is how a half-open connection shows. Does not rely on the requester to heed its
 * signal.
 */
export async function* chunksOf(fetch: Fetch): AsyncGenerator<Uint8Array> {
  for await (const piece of piecesOf(fetch)) yield typeof piece === 'string' ? Buffer.from(piece) : piece
}

/** The same; of an answer that was read already the whole text, so that it is not encoded to be decoded again. */
async function* piecesOf({
  requester,
  path,
  query,
  timers,
  idleMs,
  signal,
}: Fetch): AsyncGenerator<Uint8Array | string> {
  const line = new IdleGuard(timers, idleMs, signal)
  let chunks: AsyncIterator<Uint8Array> | undefined
  try {
    const answer = await line.waitFor(requester.request({ method: 'GET', path, query, signal: line.signal }))
    chunks = answer.body[Symbol.asyncIterator]()
    if (answer.status !== 200) throw failureOf(answer, await messageFrom(line, chunks))
    if (answer.text !== undefined) return yield answer.text
    while (true) {
      const { done, value } = await line.waitFor(chunks.next())
      if (done === true) return
      yield value
    }
  } finally {
    line.close()
    quietly(() => chunks?.return?.())
  }
}

async function messageFrom(line: IdleGuard, chunks: AsyncIterator<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  let length = 0
  while (length < longestMessage) {
    const { done, value } = await line.waitFor(chunks.next())
    if (done === true) break
    parts.push(value)
    length += value.length
  }
  return Buffer.concat(parts).toString()
}

/** A connection that is given up when it is silent for too long or when the caller's signal says so. */
class IdleGuard {
  readonly #timers: Timers
  readonly #idleMs: number
  readonly #outer: AbortSignal
  readonly #controller = new AbortController()
  readonly #onAbort = (): void => this.#controller.abort(this.#outer.reason)

  constructor(timers: Timers, idleMs: number, outer: AbortSignal) {
    this.#timers = timers
    this.#idleMs = idleMs
    this.#outer = outer
    if (outer.aborted) this.#onAbort()
    else outer.addEventListener('abort', this.#onAbort)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  async waitFor<T>(promise: Promise<T>): Promise<T> {
    const { signal } = this
    const cancel = this.#timers.after(this.#idleMs, () =>
      this.#controller.abort(new Error(`no data for ${this.#idleMs} ms`)),
    )
    let onAbort = (): void => {}
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(signal.reason)
      if (signal.aborted) onAbort()
      else signal.addEventListener('abort', onAbort)
    })
    try {
      return await Promise.race([promise, aborted])
    } finally {
      cancel()
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** Lets the requester give the connection back, or end it. */
  close(): void {
    this.#outer.removeEventListener('abort', this.#onAbort)
    this.#controller.abort(new Error('no longer wanted'))
  }
}

/** Starts something whose end and whose failure nobody needs to know. */
function quietly(start: () => Promise<unknown> | undefined): void {
  try {
    start()?.catch(() => {})
  } catch {
    // A body that cannot even be closed is gone already.
  }
}

/** The whole body as text. */
export async function readText(fetch: Fetch): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const piece of piecesOf(fetch)) {
    if (typeof piece === 'string') return piece
    parts.push(piece)
  }
  return Buffer.concat(parts).toString()
}
