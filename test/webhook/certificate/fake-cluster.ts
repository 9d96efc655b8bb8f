import type { Call, Caller } from '../../../webhook/certificate/cluster-access.ts'
import type { Streamer } from '../../../webhook/certificate/follow-object.ts'

interface Stored {
  readonly metadata: { readonly name: string; readonly resourceVersion: string }
  readonly data?: Readonly<Record<string, string>>
}

/** One Secret and one webhook configuration, as an API server keeps them. */
export class FakeCluster implements Caller, Streamer {
  readonly calls: string[] = []
  secret: Stored | undefined = { metadata: { name: 'certificates', resourceVersion: '1' } }
  /** The caBundle's PEM; undefined while there is no configuration. */
  bundle: string | undefined = ''
  /** The PEM of every caBundle that was applied, when it changed. */
  readonly bundles: string[] = []
  /** Called before every call; may throw, or give a status to answer with. */
  interfere: (call: Call) => number | void = () => {}
  #version = 1
  #changed = Promise.withResolvers<void>()

  async request(call: Call): Promise<{ readonly status: number; readonly text: string }> {
    this.calls.push(call.method)
    await Promise.resolve()
    const status = this.interfere(call)
    return status === undefined ? this.#answer(call) : answer(status, { message: 'planned' })
  }

  /** Whoever watches an object is told of changes by {@link announce} alone, as watches lose some. */
  async stream({ signal }: { readonly signal: AbortSignal }) {
    return { status: 200, body: this.#events(signal) }
  }

  /** Tells the watches that something has changed. */
  announce(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }

  /** The Secret's data as text. */
  texts(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      Object.entries(this.secret?.data ?? {}).map(([key, value]) => [
        key,
        Buffer.from(value, 'base64').toString(),
      ]),
    )
  }

  /** Writes the Secret as somebody else would. */
  write(texts: Readonly<Record<string, string>>): void {
    const data = Object.fromEntries(
      Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
    )
    this.secret = { metadata: { name: 'certificates', resourceVersion: String(++this.#version) }, data }
  }

  async *#events(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const { promise: aborted, resolve } = Promise.withResolvers<void>()
    signal.addEventListener('abort', () => resolve())
    while (!signal.aborted) {
      await Promise.race([this.#changed.promise, aborted])
      if (!signal.aborted)
        yield Buffer.from(`${JSON.stringify({ type: 'MODIFIED', object: { metadata: { name: 'x' } } })}\n`)
    }
  }

  #answer({ method, body }: Call) {
    if (method === 'PATCH') return this.#apply(JSON.parse(body!) as Applied)
    if (this.secret === undefined) return answer(404, { message: 'not found' })
    if (method === 'GET') return answer(200, this.secret)
    const { metadata, data } = JSON.parse(body!) as Stored
    if (metadata.resourceVersion !== this.secret.metadata.resourceVersion)
      return answer(409, { message: 'modified' })
    this.secret = {
      metadata: { ...metadata, resourceVersion: String(++this.#version) },
      ...(data && { data }),
    }
    return answer(200, this.secret)
  }

  #apply(applied: Applied) {
    if (this.bundle === undefined) return answer(403, { message: 'cannot create' })
    const bundle = Buffer.from(applied.webhooks[0]!.clientConfig.caBundle, 'base64').toString()
    if (bundle !== this.bundle) this.bundles.push(bundle)
    this.bundle = bundle
    return answer(200, {})
  }
}

interface Applied {
  readonly webhooks: readonly { readonly clientConfig: { readonly caBundle: string } }[]
}

const answer = (status: number, body: object) => ({ status, text: JSON.stringify(body) })
