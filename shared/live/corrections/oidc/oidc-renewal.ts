import type { Authenticator } from '@kubernetes/client-node/dist/auth.js'
import { OpenIDConnectAuth } from '@kubernetes/client-node/dist/oidc_auth.js'
import { CanaryError } from '../../../objects/canary-error.ts'
import type { KubeUser } from '../entries.ts'
import { keepTokens } from './oidc-kept.ts'

/** client-go renews this many milliseconds before the end (plugin/pkg/client/auth/oidc). */
const leeway = 10_000

export type OidcConfig = Readonly<Record<string, string | undefined>>

/** What a provider is asked: by POST with a form, else by GET; its certificate authority is in the config. */
export type AskProvider = (config: OidcConfig, url: string, form?: OidcConfig) => Promise<ProviderReply>

export type ProviderReply = {
  readonly [key in 'token_endpoint' | 'id_token' | 'refresh_token']?: string
}

/**
 * The id token of the auth provider `oidc`, renewed shortly before it expires, or now where `isRefused`.
 * Upstream cannot renew: it passes the issuer's text where its own dependency wants a URL. It would also leave
 * out the client's secret, take the token's lifetime for the time of its end, forget a refresh token that was
 * not rotated and the renewed tokens with the process, and send nothing where there is no refresh token.
 */
export function oidcAuthenticator(user: KubeUser, isRefused: boolean, ask: AskProvider): Authenticator {
  const upstream = new OpenIDConnectAuth()
  const { config: written } = user.authProvider as { readonly config?: OidcConfig | null }
  let config: OidcConfig = { ...written }
  let mustRenew = isRefused
  return {
    isAuthProvider: () => true,
    async applyAuthentication(_user, options) {
      const ends = (expiryOf(config['id-token'] ?? '') - leeway) / 1000
      const renews = mustRenew || ends < Date.now() / 1000
      if (renews && !config['refresh-token']) throw expired
      // Upstream sends nothing for a user who has no id token, client id or issuer.
      const shown = {
        ...config,
        'id-token': config['id-token'] || 'none',
        'client-id': config['client-id'] || ' ',
        'idp-issuer-url': config['idp-issuer-url'] || ' ',
      }
      Object.assign(upstream, { currentTokenExpiration: renews ? 1 : ends })
      let tokens: Tokens | undefined
      await upstream.applyAuthentication(
        { name: '', authProvider: { name: 'oidc', config: shown } },
        options,
        {
          refresh: async () => (tokens = await renewedTokens(config, ask)),
        },
      )
      if (tokens === undefined) return
      mustRenew = false
      const renewed = { 'id-token': tokens.id_token, 'refresh-token': tokens.refresh_token }
      if (user.origin !== undefined) await keepTokens(user.origin, config, renewed)
      config = { ...config, ...renewed }
    },
  }
}

const expired = new CanaryError(
  'unauthorized',
  'the OIDC id token of the kubeconfig has expired, and there is no refresh token',
  { hints: ['Log in again.'] },
)

interface Tokens {
  readonly id_token: string
  readonly refresh_token: string
  /** Seconds since the epoch. */
  readonly expires_at: number
}

async function renewedTokens(config: OidcConfig, ask: AskProvider): Promise<Tokens> {
  const { 'idp-issuer-url': issuer = '', 'refresh-token': old = '', 'client-secret': secret } = config
  try {
    const { token_endpoint: endpoint } = await ask(
      config,
      `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
    )
    if (endpoint === undefined) throw new Error('it has no token endpoint')
    const { id_token, refresh_token } = await ask(config, endpoint, {
      grant_type: 'refresh_token',
      refresh_token: old,
      client_id: config['client-id'] ?? '',
      ...(secret && { client_secret: secret }),
    })
    if (id_token === undefined) throw new Error('it returned no id token')
    return { id_token, refresh_token: refresh_token ?? old, expires_at: expiryOf(id_token) / 1000 }
  } catch (error) {
    if (error instanceof CanaryError) throw error
    throw new CanaryError(
      'unauthorized',
      `the OIDC provider ${issuer} did not renew the token: ${(error as Error).message}`,
      { cause: error, hints: ['Log in again.'] },
    )
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
