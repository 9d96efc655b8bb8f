import type { ApiRequest } from '../../../shared/live/connection/connection.ts'
import type { ApiRequests, ApiStreams } from '../../../webhook/certificate/api-connection.ts'

interface FakeSecret {
  readonly metadata: { readonly name: string; readonly resourceVersion: string }
  readonly data?: Readonly<Record<string, string>>
}

/** An API server with one Secret and one webhook configuration. */
export class FakeCluster implements ApiRequests, ApiStreams {
  readonly calls: string[] = []
  secret: FakeSecret | undefined = { metadata: { name: 'certificates', resourceVersion: '1' } }
  /** The caBundle's PEM; undefined while there is no configuration. */
  bundle: string | undefined = ''
  /** The PEM of every caBundle that was applied, when it changed. */
  readonly bundles: string[] = []
  /** Called before every request; may throw, or return a status to answer with. */
  interfere: (call: ApiRequest) => number | void = () => {}
  #version = 1
  #changed = Promise.withResolvers<void>()

  async request(call: ApiRequest): Promise<{ readonly status: number; readonly text: string }> {
    this.calls.push(call.method ?? 'GET')
    await Promise.resolve()
    const status = this.interfere(call)
    return status === undefined ? this.#answer(call) : answer(status, { kind: 'Status', message: 'planned' })
  }

  /** A watch, which sees only changes that are announced with {@link announce}, because watches can miss some. */
  async stream({ signal }: { readonly signal: AbortSignal }) {
    return { status: 200, body: this.#events(signal) }
  }

  /** Sends an event to all watches. */
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

  /** Writes the Secret as another client would. */
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

  #answer({ method, path, body }: ApiRequest) {
    const isConfiguration = path.includes('/validatingwebhookconfigurations/')
    if (isConfiguration && method === 'GET') return this.#configuration()
    if (method === 'PATCH') return this.#apply(JSON.parse(String(body)) as AppliedConfiguration)
    if (this.secret === undefined) return answer(404, { kind: 'Status', message: 'not found' })
    if (method === 'GET') return answer(200, this.secret)
    const { metadata, data } = JSON.parse(String(body)) as FakeSecret
    if (metadata.resourceVersion !== this.secret.metadata.resourceVersion)
      return answer(409, { kind: 'Status', message: 'modified' })
    this.secret = {
      metadata: { ...metadata, resourceVersion: String(++this.#version) },
      ...(data && { data }),
    }
    return answer(200, this.secret)
  }

  #configuration() {
    if (this.bundle === undefined) return answer(404, { kind: 'Status', message: 'not found' })
    const caBundle = Buffer.from(this.bundle).toString('base64')
    return answer(200, { webhooks: [{ clientConfig: {} }, { clientConfig: { caBundle } }] })
  }

  #apply(applied: AppliedConfiguration) {
    if (this.bundle === undefined) return answer(403, { kind: 'Status', message: 'cannot create' })
    const bundle = Buffer.from(applied.webhooks[0]!.clientConfig.caBundle, 'base64').toString()
    if (bundle !== this.bundle) this.bundles.push(bundle)
    this.bundle = bundle
    return answer(200, {})
  }
}

interface AppliedConfiguration {
  readonly webhooks: readonly { readonly clientConfig: { readonly caBundle: string } }[]
}

const answer = (status: number, body: object) => ({ status, text: JSON.stringify(body) })
