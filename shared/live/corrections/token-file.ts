import type { Authenticator } from '@kubernetes/client-node/dist/auth.js'
import { FileAuth } from '@kubernetes/client-node/dist/file_auth.js'
import { CanaryError } from '../../objects/canary-error.ts'
import type { KubeUser } from './entries.ts'

/**
 * The token of a user's `tokenFile`, read again after a minute. Upstream looks for a field `token-file` that
 * no kubeconfig has, and sends the line break at the end of a file; kubectl takes the token that stands
 * beside the file only where that cannot be read.
 */
export function tokenFileAuthenticator({ tokenFile = '', token }: KubeUser): Authenticator {
  const upstream = new FileAuth()
  const user = { name: '', authProvider: { config: { tokenFile } } }
  return {
    isAuthProvider: () => true,
    async applyAuthentication(_user, options) {
      const read = { headers: {} as { Authorization?: string } }
      await upstream.applyAuthentication(user, read).catch(() => {})
      const fromFile = read.headers.Authorization?.replace(/^Bearer\s*/, '').trim()
      if (!fromFile && !token)
        throw new CanaryError(
          'unauthorized',
          `the token file ${tokenFile} of the kubeconfig is missing, unreadable or empty`,
        )
      Object.assign(options.headers ?? {}, { Authorization: `Bearer ${fromFile || token}` })
    },
  }
}
