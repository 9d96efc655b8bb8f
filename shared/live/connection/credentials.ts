import type { Authenticator } from '@kubernetes/client-node/dist/auth.js'
import { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import { CanaryError } from '../../objects/canary-error.ts'
import { droppedProviderAuthenticator } from '../corrections/dropped-providers.ts'
import type { KubeUser } from '../corrections/entries.ts'
import type { ExecSurroundings } from '../corrections/exec/exec-info.ts'
import { execAuthenticator } from '../corrections/exec/exec-run.ts'
import { oidcAuthenticator, type AskProvider } from '../corrections/oidc/oidc-renewal.ts'
import { withOneProof, withoutFilesBesideData } from '../corrections/one-proof.ts'
import { unreadable } from '../corrections/read-authority.ts'
import { withPipedCertificate } from '../corrections/piped-certificate.ts'
import { tokenFileAuthenticator } from '../corrections/token-file.ts'

/** What a request proves itself with. */
export interface Proof {
  readonly authorization?: string
  /** PEM. */
  readonly certificate?: string
  readonly key?: string
}

/** The source of proofs: read when first needed, kept while they hold, shared by all requests. */
export interface Credentials {
  current(): Promise<Proof>
  /** A newer proof than the one that the server refused; undefined where there is none to be had. */
  renewed(refused: Proof): Promise<Proof | undefined>
}

/** What programs and providers are asked with. */
export interface CredentialSurroundings extends ExecSurroundings {
  readonly askProvider: AskProvider
}

/**
 * The credentials of a kubeconfig's user, which the library brings. It is asked again for each request where
 * it keeps what may expire, by one request for all that wait.
 */
export function credentialsOf(written: KubeUser, around: CredentialSurroundings): Credentials {
  const user = withOneProof(withoutFilesBesideData(written))
  let authenticator = authenticatorOf(user, around, false)
  let reading: Promise<Proof> | undefined
  const read = (): Promise<Proof> => {
    const asked = readProof(user, authenticator)
    reading = asked
    const forget = (): void => {
      if (reading === asked) reading = undefined
    }
    asked.then(authenticator === undefined ? () => {} : forget, forget)
    return asked
  }
  let renewing: Promise<Proof> | undefined
  const readAnew = (): Promise<Proof> => {
    authenticator = authenticatorOf(user, around, true)
    return read().finally(() => {
      renewing = undefined
    })
  }
  return {
    current: () => renewing ?? reading ?? read(),
    async renewed(refused) {
      const proof = await (renewing ?? reading ?? read())
      // Somebody else's request was refused just before, and what is kept is newer already.
      if (!isSame(proof, refused)) return proof
      const newer = await (renewing ??= readAnew())
      return isSame(newer, refused) ? undefined : newer
    },
  }
}

const isSame = (a: Proof, b: Proof): boolean =>
  a.authorization === b.authorization && a.certificate === b.certificate

/** Who brings what a user does not have in itself. */
function authenticatorOf(
  user: KubeUser,
  around: CredentialSurroundings,
  isRefused: boolean,
): Authenticator | undefined {
  if (user.exec) return execAuthenticator(user.exec, around)
  if (user.tokenFile) return tokenFileAuthenticator(user)
  const provider = user.authProvider as { readonly name?: string } | null | undefined
  if (!provider) return undefined
  return provider.name === 'oidc'
    ? oidcAuthenticator(user, isRefused, around.askProvider)
    : droppedProviderAuthenticator(user)
}

/** What the library puts into the options of a request. */
interface Applied {
  readonly headers?: { readonly Authorization?: string }
  readonly auth?: string
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
}

async function readProof(user: KubeUser, authenticator: Authenticator | undefined): Promise<Proof> {
  const config = new KubeConfig()
  const { exec: _, authProvider: __, token, ...own } = await withPipedCertificate(user)
  // We have connections of our own: `node:https` takes 4 ms to load, for an agent that nobody asks.
  Reflect.set(config, 'createAgent', () => undefined)
  if (authenticator !== undefined) config.addAuthenticator(authenticator)
  // The library's own authenticators come first, so that they must not recognize the user.
  const shown = { ...own, ...(authenticator === undefined && token && { token }) }
  config.loadFromClusterAndUser({ name: '', server: 'https://server', skipTLSVerify: false }, shown)
  const applied: Applied = {}
  try {
    await config.applyToHTTPSOptions(applied)
  } catch (error) {
    throw (error as NodeJS.ErrnoException).path ? unreadable(error) : error
  }
  return proofOf(applied)
}

function proofOf({ headers, auth, cert, key }: Applied): Proof {
  if (cert && !key)
    throw new CanaryError('unreadable', 'kubeconfig: the user has a client certificate without a key')
  const authorization = headers?.Authorization ?? (auth && `Basic ${Buffer.from(auth).toString('base64')}`)
  return {
    ...(authorization && { authorization }),
    ...(cert && key && { certificate: cert.toString(), key: key.toString() }),
  }
}
