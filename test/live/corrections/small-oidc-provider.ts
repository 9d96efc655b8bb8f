import { startFakeServer, status, type FakeServer } from '../api-server.ts'
import { base64 } from '../folder.ts'

/** An id token that ends then, in seconds since the epoch; `more` tells several apart. */
export const jwt = (exp: number, more: object = {}): string =>
  [{ alg: 'RS256' }, { exp, ...more }, {}]
    .map(part => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')

export const farAway = 4_000_000_000

export interface OidcProvider extends AsyncDisposable {
  readonly server: FakeServer
  /** The auth provider of a user who has this id token and refresh token. */
  config(idToken: string, refreshToken: string): Record<string, string>
  /** The refresh token that is taken next; each is taken once. */
  readonly refreshToken: string
  readonly renewals: number
}

/** A small provider that rotates its refresh tokens, and knows one client with a secret. */
export async function startOidcProvider(
  idToken: (renewal: number) => string,
  { rotates = true }: { readonly rotates?: boolean } = {},
): Promise<OidcProvider> {
  let renewals = 0
  const refreshToken = (): string => (rotates ? `refresh-${renewals}` : 'refresh-0')
  const server = await startFakeServer(({ url, body }) => {
    if (url.pathname === '/realm/.well-known/openid-configuration')
      return { body: { token_endpoint: `${server.url}/realm/token` } }
    const form = new URLSearchParams(body)
    const isKnown = form.get('client_id') === 'c' && form.get('client_secret') === 's'
    if (url.pathname !== '/realm/token' || !isKnown) return status(401, 'Unauthorized', 'unknown client')
    if (form.get('refresh_token') !== refreshToken())
      return {
        status: 400,
        body: { error: 'invalid_grant', error_description: 'the refresh token was used' },
      }
    renewals++
    return { body: { id_token: idToken(renewals), ...(rotates && { refresh_token: refreshToken() }) } }
  })
  return {
    server,
    config: (token, refresh) => ({
      'id-token': token,
      'refresh-token': refresh,
      'client-id': 'c',
      'client-secret': 's',
      'idp-issuer-url': `${server.url}/realm/`,
      'idp-certificate-authority-data': base64(server.authority.certificate),
    }),
    get refreshToken() {
      return refreshToken()
    },
    get renewals() {
      return renewals
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
