import { readFile, realpath, rename, stat, writeFile } from 'node:fs/promises'
import { CanaryError } from '../../../objects/canary-error.ts'
import type { Environment, KubeconfigUser } from '../login/kubeconfig.ts'
import { proxyFor } from '../transport/proxy.ts'
import { Transport } from '../transport/transport.ts'
import { readPem } from './read-pem.ts'

/** client-go renews this long before the end (plugin/pkg/client/auth/oidc). */
const leeway = 10_000

type Config = Readonly<Record<string, string | undefined>>

/**
 * Reads the id token of a kubeconfig's `oidc` auth provider, renewed with the refresh token when it has
 * expired or was refused. As with
 * kubectl the renewed tokens are kept in the kubeconfig, since many providers let a refresh token be used
 * only once.
 */
export function oidcTokenReader(user: KubeconfigUser, env: Environment): (renew: boolean) => Promise<string> {
  let config: Config = user['auth-provider']?.config ?? {}
  return async renew => {
    const { 'id-token': idToken } = config
    if (idToken && !renew && expiryOf(idToken) > Date.now() + leeway) return idToken
    const renewed = await renewedConfig(config, env)
    if (user.origin !== undefined)
      await keep(
        user.origin,
        ['id-token', 'refresh-token'].map(key => [config[key], renewed[key]]),
      )
    config = renewed
    return renewed['id-token']!
  }
}

/** Milliseconds since the epoch; a token that says nothing is taken as expired. */
export function expiryOf(token: string): number {
  try {
    const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
      readonly exp?: unknown
    }
    return typeof exp === 'number' ? exp * 1000 : 0
  } catch {
    return 0
  }
}

async function renewedConfig(config: Config, env: Environment): Promise<Config> {
  const { 'idp-issuer-url': issuer = '', 'refresh-token': refreshToken } = config
  if (!refreshToken)
    throw new CanaryError(
      'unauthorized',
      'the OIDC id token of the kubeconfig has expired, and there is no refresh token',
      { hints: ['Log in again.'] },
    )
  try {
    const { token_endpoint: endpoint } = await askProvider(config, env, {
      url: `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
    })
    if (endpoint === undefined) throw new Error('it has no token endpoint')
    const answer = await askProvider(config, env, {
      url: endpoint,
      form: { grant_type: 'refresh_token', refresh_token: refreshToken },
    })
    if (answer.id_token === undefined) throw new Error('it returned no id token')
    return { ...config, 'id-token': answer.id_token, 'refresh-token': answer.refresh_token ?? refreshToken }
  } catch (error) {
    if (error instanceof CanaryError) throw error
    throw new CanaryError(
      'unauthorized',
      `the OIDC provider ${issuer} did not renew the token: ${(error as Error).message}`,
      { cause: error, hints: ['Log in again.'] },
    )
  }
}

interface Question {
  readonly url: string
  /** Asks by GET where there is none. */
  readonly form?: Readonly<Record<string, string>>
}

type Reply = {
  readonly [key in 'token_endpoint' | 'id_token' | 'refresh_token' | 'error' | 'error_description']?: string
}

async function askProvider(config: Config, env: Environment, { url, form }: Question): Promise<Reply> {
  const server = new URL(url)
  const authority = await readPem(
    config['idp-certificate-authority-data'],
    config['idp-certificate-authority'],
  )
  const transport = new Transport({
    server: new URL(server.origin),
    proxy: proxyFor(server, undefined, env),
    authority,
    skipVerify: false,
    serverName: undefined,
  })
  try {
    const body =
      form === undefined ? undefined : new URLSearchParams({ ...form, ...clientOf(config) }).toString()
    const headers = {
      accept: 'application/json',
      ...(body !== undefined && {
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': Buffer.byteLength(body),
      }),
    }
    const answer = await transport.send({
      method: body === undefined ? 'GET' : 'POST',
      path: server.pathname + server.search,
      headers,
      body,
      proof: {},
      isStream: false,
      signal: AbortSignal.timeout(longestAnswer),
    })
    let text = ''
    for await (const chunk of answer.setEncoding('utf8')) text += String(chunk)
    const reply = JSON.parse(text) as Reply
    if (answer.statusCode !== 200)
      throw new Error(reply.error_description ?? reply.error ?? `status ${answer.statusCode}`)
    return reply
  } finally {
    transport.close()
  }
}

/** Milliseconds: a provider that is slower than this is down. */
const longestAnswer = 30_000

const clientOf = ({
  'client-id': id = '',
  'client-secret': secret,
}: Config): Readonly<Record<string, string>> => ({ client_id: id, ...(secret && { client_secret: secret }) })

/** Tokens stand literally in the file, so that replacing their text leaves everything else in it alone. */
async function keep(kubeconfig: string, tokens: readonly (readonly (string | undefined)[])[]): Promise<void> {
  try {
    const file = await realpath(kubeconfig)
    const before = await readFile(file, 'utf8')
    const after = tokens.reduce(
      (text, [old, renewed]) => (old && renewed ? replaceScalar(text, old, renewed) : text),
      before,
    )
    if (after === before) return
    const draft = `${file}.${Date.now()}.tmp`
    await writeFile(draft, after, { mode: (await stat(file)).mode & 0o777, flag: 'wx' })
    await rename(draft, file)
  } catch {
    // The kubeconfig cannot be written: the renewed token is still valid for this run.
  }
}

const replaceScalar = (text: string, old: string, renewed: string): string =>
  text.replaceAll(
    new RegExp(`(?<=:\\s*["']?)${old.replaceAll(/[^\w]/g, '\\$&')}(?=["'\\s,}]|$)`, 'g'),
    () => renewed,
  )
