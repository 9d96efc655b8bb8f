import { readFile } from 'node:fs/promises'
import { CanaryError } from '../../../objects/canary-error.ts'
import { readExecCredential, type ExecCredential, type ExecSurroundings } from './exec-credential.ts'
import type { KubeconfigUser } from '../login/kubeconfig.ts'
import { expiryOf, oidcTokenReader } from './oidc-token.ts'
import type { Proof } from './proof.ts'
import { readPem } from './read-pem.ts'

/** The source of proofs: read when first needed, kept while they hold. */
export interface Credentials {
  current(): Promise<Proof>
  /** A newer proof than the one that the server refused; undefined where there is none to be had. */
  renewed(refused: Proof): Promise<Proof | undefined>
}

/**
 * A token file may be rewritten at any time; client-go reads it again after a minute
 * (transport.NewCachedFileTokenSource).
 */
const tokenFileAge = 60_000

/**
 * The credentials of a kubeconfig's user, by kubectl's precedence: what the user has itself, and only without
 * that a program or provider.
 */
export function credentialsOf(user: KubeconfigUser, surroundings: ExecSurroundings): Credentials {
  const read = readerOf(user, surroundings)
  let kept: Promise<Kept> | undefined
  const readAnew = (renew: boolean): Promise<Kept> => {
    const reading = read(renew)
    kept = reading
    reading.catch(() => {
      kept = undefined
    })
    return reading
  }
  return {
    async current() {
      const { proof, expires } = await (kept ?? readAnew(false))
      if (expires > Date.now()) return proof
      return (await readAnew(false)).proof
    },
    async renewed(refused) {
      const { proof } = await (kept ?? readAnew(false))
      // Somebody else's request was refused just before, and what is kept is newer already.
      if (!isSame(proof, refused)) return proof
      const { proof: newer } = await readAnew(true)
      return isSame(newer, refused) ? undefined : newer
    },
  }
}

const isSame = (a: Proof, b: Proof): boolean =>
  a.authorization === b.authorization && a.certificate === b.certificate

interface Kept {
  readonly proof: Proof
  readonly expires: number
}

type Read = (renew: boolean) => Promise<Kept>

function readerOf(user: KubeconfigUser, surroundings: ExecSurroundings): Read {
  refuseBoth(user)
  const { tokenFile, exec, 'auth-provider': provider } = user
  if (!hasOwnProof(user)) {
    if (exec) return async () => kept(proofOf(await readExecCredential(exec, surroundings)))
    if (provider) return providedReader(user, surroundings)
  }
  return async () => {
    const [certificate, authorization] = await Promise.all([readCertificate(user), readAuthorization(user)])
    return {
      proof: { ...certificate, ...(authorization !== undefined && { authorization }) },
      expires: tokenFile ? Date.now() + tokenFileAge : Infinity,
    }
  }
}

/** Throws where a user has two of what kubectl takes one of. */
function refuseBoth({ token, username, password, exec, 'auth-provider': provider }: KubeconfigUser): void {
  const refuse = (pair: string): never => {
    throw new CanaryError('unreadable', `kubeconfig: the user has both ${pair}`, {
      hints: ['Remove one of them.'],
    })
  }
  if (token && (username || password)) refuse('a token and a password')
  if (exec && provider) refuse('an exec section and an auth-provider')
}

/** Whether a user needs no program or provider to prove who it is. */
const hasOwnProof = (user: KubeconfigUser): boolean =>
  (
    ['client-certificate', 'client-certificate-data', 'token', 'tokenFile', 'username', 'password'] as const
  ).some(key => user[key])

const kept = ({ expires = Infinity, ...proof }: Proof & { readonly expires?: number }): Kept => ({
  proof,
  expires,
})

const proofOf = ({ token, ...rest }: ExecCredential): Proof & { readonly expires?: number } => ({
  ...rest,
  ...(token && { authorization: `Bearer ${token}` }),
})

function providedReader(user: KubeconfigUser, { env }: ExecSurroundings): Read {
  const name = user['auth-provider']?.name ?? ''
  if (name !== 'oidc') {
    throw new CanaryError('unauthorized', `kubeconfig: auth provider ${name} is not supported`, {
      hints: [
        'kubectl removed the auth providers of clouds in 1.26; use their credential plugin instead, for example gke-gcloud-auth-plugin or kubelogin.',
      ],
    })
  }
  const readToken = oidcTokenReader(user, env)
  return async renew => {
    const token = await readToken(renew)
    return { proof: { authorization: `Bearer ${token}` }, expires: expiryOf(token) || Infinity }
  }
}

async function readAuthorization({
  token,
  tokenFile,
  username,
  password,
}: KubeconfigUser): Promise<string | undefined> {
  if (tokenFile) {
    const fromFile = await readFile(tokenFile, 'utf8').then(
      text => text.trim(),
      () => '',
    )
    if (fromFile !== '') return `Bearer ${fromFile}`
    if (!token)
      throw new CanaryError(
        'unauthorized',
        `the token file ${tokenFile} of the kubeconfig is missing, unreadable or empty`,
      )
  }
  if (token) return `Bearer ${token}`
  return username || password
    ? `Basic ${Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64')}`
    : undefined
}

async function readCertificate(user: KubeconfigUser): Promise<Pick<Proof, 'certificate' | 'key'>> {
  const [certificate, key] = await Promise.all([
    readPem(user['client-certificate-data'], user['client-certificate']),
    readPem(user['client-key-data'], user['client-key']),
  ])
  if (certificate === undefined) return {}
  if (key === undefined)
    throw new CanaryError('unreadable', 'kubeconfig: the user has a client certificate without a key')
  return { certificate, key }
}
