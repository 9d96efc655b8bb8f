import type { ApiRequest } from '../../shared/live/connection/connection.ts'
import { statusOf } from '../../shared/live/connection/failure.ts'
import { resourcePath } from '../../shared/live/api-path.ts'
import { parseJson } from '../../shared/live/watch/stream/parse-json.ts'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { ApiRequests } from './api-connection.ts'
import { webhookConfigurationPath, webhookNames } from './webhook-configuration.ts'

/** The Secret that keeps the certificates, and the configuration that must trust them. */
export interface CertificateLocations {
  readonly secretRef: { readonly namespace: string; readonly name: string }
  readonly webhookConfigurationName: string
}

const secrets = { group: '', version: 'v1', plural: 'secrets', namespaced: true } as const

/** The path of a Secret; of all Secrets of the namespace without a name. */
export const secretPath = (namespace: string, name?: string): string =>
  resourcePath(secrets, { namespace, name })

/** The Secret as it was read; it is written back whole, so that other data in it stays. */
export interface StoredSecret {
  readonly metadata: object
  readonly data?: Readonly<Record<string, string>>
}

interface TrustingConfiguration {
  readonly webhooks?: readonly { readonly clientConfig?: { readonly caBundle?: string } }[]
}

/** The field manager that owns caBundle, and nothing else of the configuration. */
export const fieldManager = 'canary-guard-certificates'

/**
 * Reads and writes the Secret and the configuration's caBundle. Throws CanaryErrors: `not-found`, `conflict`,
 * `forbidden`, `failed`.
 */
export class ClusterAccess {
  readonly #connection: ApiRequests
  readonly #locations: CertificateLocations

  constructor(connection: ApiRequests, locations: CertificateLocations) {
    this.#connection = connection
    this.#locations = locations
  }

  async readSecret(signal: AbortSignal): Promise<StoredSecret> {
    return (await this.#call({ method: 'GET', path: this.#secretPath, signal })) as StoredSecret
  }

  /** Writes text by key into the Secret that was read; throws `conflict` if it has changed since. */
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

  /** The PEM of the authorities that the configuration trusts now; empty where there is no configuration. */
  async readBundle(signal: AbortSignal): Promise<string> {
    const path = webhookConfigurationPath(this.#locations.webhookConfigurationName)
    const found = await this.#call({ method: 'GET', path, signal }).catch((error: unknown) => {
      if (error instanceof CanaryError && error.code === 'not-found') return {}
      throw error
    })
    const { webhooks = [] } = found as TrustingConfiguration
    return webhooks
      .map(({ clientConfig }) => Buffer.from(clientConfig?.caBundle ?? '', 'base64').toString())
      .join('')
  }

  /** Applies the bundle to the configuration; applying the same bundle again does not change its version. */
  async applyBundle(bundle: string, signal: AbortSignal): Promise<void> {
    const { webhookConfigurationName: name } = this.#locations
    const caBundle = Buffer.from(bundle).toString('base64')
    const body = JSON.stringify({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name },
      webhooks: webhookNames.map(webhook => ({ name: webhook, clientConfig: { caBundle } })),
    })
    await this.#call({
      method: 'PATCH',
      path: webhookConfigurationPath(name),
      query: { fieldManager, force: 'true' },
      contentType: 'application/apply-patch+yaml',
      body,
      signal,
    })
  }

  get #secretPath(): string {
    const { namespace, name } = this.#locations.secretRef
    return secretPath(namespace, name)
  }

  async #call(request: ApiRequest & { readonly method: string }): Promise<unknown> {
    const { status, text } = await this.#connection.request(request)
    if (status < 300) return parseJson(text)
    const code = ({ 403: 'forbidden', 404: 'not-found', 409: 'conflict' } as const)[status] ?? 'failed'
    const message = statusOf(text)?.message ?? text.slice(0, 200)
    throw new CanaryError(code, `${request.method} ${request.path}: ${status} ${message}`)
  }
}

/** The Secret's data as text by key. */
export const textsOf = ({ data = {} }: StoredSecret): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  )
