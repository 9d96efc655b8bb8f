import type { Authenticator } from '@kubernetes/client-node/dist/auth.js'
import { FileAuth } from '@kubernetes/client-node/dist/file_auth.js'
import { isPipe } from '../../files/read-pipe.ts'
import { readText } from '../../files/read-text.ts'
import { CanaryError } from '../../objects/canary-error.ts'
import type { KubeUser } from './entries.ts'

/**
 * The token of a user's `tokenFile`, read again after a minute. Upstream looks for a field `token-file` that
 * no kubeconfig has, and sends the line break at the end of a file; kubectl takes the token that stands
 * beside the file only where that cannot be read. It also waits for a pipe in a read that Ctrl-C cannot end.
 */
export function tokenFileAuthenticator({ tokenFile = '', token }: KubeUser): Authenticator {
  const upstream = new FileAuth()
  const user = { name: '', authProvider: { config: { tokenFile } } }
  const ofUpstream = async (): Promise<string | undefined> => {
    const read = { headers: {} as { Authorization?: string } }
    await upstream.applyAuthentication(user, read).catch(() => {})
    return read.headers.Authorization?.replace(/^Bearer\s*/, '').trim()
  }
  return {
    isAuthProvider: () => true,
    async applyAuthentication(_user, options) {
      const fromFile = isPipe(tokenFile) ? (await readText(tokenFile)).trim() : await ofUpstream()
      if (!fromFile && !token)
        throw new CanaryError(
          'unauthorized',
          `the token file ${tokenFile} of the kubeconfig is missing, unreadable or empty`,
        )
      Object.assign(options.headers ?? {}, { Authorization: `Bearer ${fromFile || token}` })
    },
  }
}
