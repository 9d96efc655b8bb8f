import type { Authenticator } from '@kubernetes/client-node/dist/auth.js'
import { AzureAuth } from '@kubernetes/client-node/dist/azure_auth.js'
import { GoogleCloudPlatformAuth } from '@kubernetes/client-node/dist/gcp_auth.js'
import { CanaryError } from '../../objects/canary-error.ts'
import type { KubeUser } from './entries.ts'

/**
 * The token of the auth providers `gcp` and `azure`, which kubectl removed in 1.26: a kubeconfig of those
 * years still works where it has a token, or the command that prints one. Where it does not, upstream fails
 * with a TypeError or "Token is expired!"; the CanaryError says what to use instead.
 */
export function droppedProviderAuthenticator({ authProvider }: KubeUser): Authenticator {
  const { name = '', config } = (authProvider ?? {}) as { readonly name?: string; readonly config?: object }
  const upstream =
    name === 'gcp' ? new GoogleCloudPlatformAuth() : name === 'azure' ? new AzureAuth() : undefined
  if (upstream === undefined || !config) throw unsupported(name)
  const user = { name: '', authProvider: { name, config: { ...config } } }
  return {
    isAuthProvider: () => true,
    applyAuthentication: async (_user, options) => {
      try {
        await upstream.applyAuthentication(user, options)
      } catch (error) {
        throw unsupported(name, error as Error)
      }
    },
  }
}

function unsupported(name: string, cause?: Error): CanaryError {
  const why = cause === undefined ? '' : ` without a valid token (${cause.message.split('\n', 1)[0]})`
  return new CanaryError('unauthorized', `kubeconfig: auth provider ${name} is not supported${why}`, {
    cause,
    hints: [
      'kubectl removed the auth providers of clouds in 1.26; use their credential plugin instead, for example gke-gcloud-auth-plugin or kubelogin.',
    ],
  })
}
