import { parseJson } from '../../shared/live/watch/stream/parse-json.ts'
import { CanaryError } from '../../shared/objects/canary-error.ts'

/** One call to the API server; `body` goes out as it is. */
export interface Call {
  readonly method: 'GET' | 'PUT' | 'PATCH'
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly contentType?: string
  readonly body?: string
  readonly signal: AbortSignal
}

/** All that the rotator needs of a connection. */
export interface Caller {
  request(call: Call): Promise<{ readonly status: number; readonly text: string }>
}

/** Where the certificates are kept, and the configuration that must trust them. */
export interface Places {
  readonly secretRef: { readonly namespace: string; readonly name: string }
  readonly webhookConfigurationName: string
}

/** Where all configurations are, and all Secrets of a namespace. */
export const configurationsPath = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'
export const secretsPath = (namespace: string): string => `/api/v1/namespaces/${namespace}/secrets`

/**
 * The entries of the configuration, as the chart writes them: one for the routing objects, one for what
 * stands behind them.
 */
export const webhookNames: readonly string[] = [
  'routes.canary-guard.kubectl-canary',
  'backends.canary-guard.kubectl-canary',
]

/** The Secret as it was read; written back whole, so that what is not ours stays. */
export interface StoredSecret {
  readonly metadata: object
  readonly data?: Readonly<Record<string, string>>
}

/** The name under which the API server notes that caBundle is ours, and nothing else of the configuration. */
export const fieldManager = 'canary-guard-certificates'

/**
 * The Secret and the configuration's caBundle, read and written. Throws CanaryErrors: `not-found`,
 * `conflict`, `forbidden`, `failed`.
 */
export class ClusterAccess {
  readonly #caller: Caller
  readonly #places: Places

  constructor(caller: Caller, places: Places) {
    this.#caller = caller
    this.#places = places
  }

  async readSecret(signal: AbortSignal): Promise<StoredSecret> {
    return (await this.#call({ method: 'GET', path: this.#secretPath, signal })) as StoredSecret
  }

  /**
   * Writes text by key into the Secret that was read; a `conflict` if somebody else has written meanwhile.
   */
  async writeSecret(
    secret: StoredSecret,
    data: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<void> {
    const encoded = Object.fromEntries(
      Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
    )
    const body = JSON.stringify({ ...secret, data: { ...secret.data, ...encoded } })
    await this.#call({ method: 'PUT', path: this.#secretPath, query: { fieldManager }, body, signal })
  }

  /**
   * Makes the configuration trust the bundle. Applying what it already has changes nothing, not even its
   * version.
   */
  async applyBundle(bundle: string, signal: AbortSignal): Promise<void> {
    const { webhookConfigurationName: name } = this.#places
    const caBundle = Buffer.from(bundle).toString('base64')
    const body = JSON.stringify({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name },
      webhooks: webhookNames.map(webhook => ({ name: webhook, clientConfig: { caBundle } })),
    })
    await this.#call({
      method: 'PATCH',
      path: `${configurationsPath}/${name}`,
      query: { fieldManager, force: 'true' },
      contentType: 'application/apply-patch+yaml',
      body,
      signal,
    })
  }

  get #secretPath(): string {
    const { namespace, name } = this.#places.secretRef
    return `${secretsPath(namespace)}/${name}`
  }

  async #call(call: Call): Promise<unknown> {
    const { status, text } = await this.#caller.request(call)
    if (status < 300) return parseJson(text)
    const code = ({ 403: 'forbidden', 404: 'not-found', 409: 'conflict' } as const)[status] ?? 'failed'
    throw new CanaryError(code, `${call.method} ${call.path}: ${status} ${messageOf(text)}`)
  }
}

function messageOf(text: string): string {
  try {
    return String((JSON.parse(text) as { readonly message?: unknown }).message)
  } catch {
    return text.slice(0, 200)
  }
}

/** The Secret's data as text by key. */
export const textsOf = ({ data = {} }: StoredSecret): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  )
