import { readFile, rename, stat, writeFile } from 'node:fs/promises'
import { CanaryError } from '../../../objects/canary-error.ts'
import type { KubeconfigUser } from '../login/kubeconfig.ts'

/** client-go renews this long before the end (plugin/pkg/client/auth/oidc). */
const leeway = 10_000

/**
 * The id token of a kubeconfig's `oidc` auth provider, renewed with the refresh token when it has expired. As with kubectl the renewed tokens
 * are kept in the kubeconfig, since many providers let a refresh token be used only once.
 */
export async function readOidcToken(user: KubeconfigUser, { renew }: { readonly renew: boolean }): Promise<string> {
  const config = user['auth-provider']?.config ?? {}
  const { 'id-token': idToken, 'refresh-token': refreshToken } = config
  if (idToken && !renew && expiryOf(idToken) > Date.now() + leeway) return idToken
  if (!refreshToken) throw new CanaryError('unauthorized', 'the OIDC id token of the kubeconfig has expired, and there is no refresh token', { hints: ['Log in again.'] })
  const renewed = await refreshed({ ...config })
  await keep(user.origin, [[idToken, renewed['id-token']], [refreshToken, renewed['refresh-token']]])
  const token = renewed['id-token']
  if (!token) throw new CanaryError('unauthorized', 'the OIDC provider renewed the tokens without an id token', { hints: ['Log in again.'] })
  return token
}

/** Milliseconds since the epoch; a token that says nothing is taken as expired. */
export function expiryOf(token: string): number {
  try {
    const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { readonly exp?: unknown }
    return typeof exp === 'number' ? exp * 1000 : 0
  } catch {
    return 0
  }
}

type Config = Readonly<Record<string, string | undefined>>

/** The Kubernetes client knows how to find and ask the provider; it is heavy, so it is loaded for this alone. */
async function refreshed(config: Record<string, string>): Promise<Config> {
  // Forced, because it renews by the id token's own expiry, which a refused token need not have reached.
  const user = { name: 'oidc', authProvider: { name: 'oidc', config } }
  try {
    const { OpenIDConnectAuth } = await import('@kubernetes/client-node/dist/oidc_auth.js')
    const auth = new OpenIDConnectAuth()
    Object.assign(auth, { currentTokenExpiration: 1 })
    await auth.applyAuthentication(user, { headers: {} } as never)
    return user.authProvider.config
  } catch (error) {
    throw new CanaryError('unauthorized', `the OIDC provider ${config['idp-issuer-url'] ?? ''} did not renew the token: ${(error as Error).message}`, { cause: error, hints: ['Log in again.'] })
  }
}

/** Tokens stand literally in the file, so that replacing their text leaves everything else in it alone. */
async function keep(file: string | undefined, tokens: readonly (readonly [string | undefined, string | undefined])[]): Promise<void> {
  if (file === undefined) return
  try {
    const before = await readFile(file, 'utf8')
    const after = tokens.reduce((text, [old, renewed]) => old && renewed ? text.replaceAll(old, renewed) : text, before)
    if (after === before) return
    const draft = `${file}.${Date.now()}.tmp`
    await writeFile(draft, after, { mode: (await stat(file)).mode & 0o777 })
    await rename(draft, file)
  } catch {
    // A kubeconfig that may not be written: the renewed token is good for this run all the same.
  }
}
