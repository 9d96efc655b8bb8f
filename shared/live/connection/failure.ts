import { X509Certificate } from 'node:crypto'
import type { V1Status } from '@kubernetes/client-node/dist/gen/models/V1Status.js'
import { CanaryError, type ErrorCode } from '../../objects/canary-error.ts'
import type { Proof } from './credentials.ts'
import type { Login } from './login/login.ts'
import { expiryOf } from '../corrections/oidc/oidc-renewal.ts'

/** Who asked whom. */
export interface LoginContext {
  readonly login: Login
  /** The global flags that a command in a hint must repeat, each with a space before it. */
  readonly flags: string
}

/** What is wrong with the server's certificate, and what to do. */
interface CertificateFault {
  readonly is: string
  readonly hint: string
}

const atAnotherTime =
  "Check the clock of this machine; if it is right, the cluster's administrator has to renew the certificate."
const certificateFaults: Readonly<Record<string, CertificateFault>> = {
  CERT_HAS_EXPIRED: { is: 'has expired', hint: atAnotherTime },
  CERT_NOT_YET_VALID: { is: 'is not valid yet', hint: atAnotherTime },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    is: 'is for another name',
    hint: 'If it is the right server, give a name that the certificate has: --tls-server-name NAME.',
  },
}
const unknownAuthority: CertificateFault = {
  is: 'is signed by an unknown authority',
  hint: "Set the cluster's certificate authority: certificate-authority-data in the kubeconfig, or --certificate-authority FILE.",
}

/**
 * Whether a connection failed with this code because the server's certificate is of an authority that we do
 * not know.
 */
export const isUnknownAuthority = (code: string): boolean =>
  /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE)/.test(code)

const refusedCertificate = /^ERR_SSL_.*ALERT_(BAD_CERTIFICATE|CERTIFICATE_|UNKNOWN_CA|ACCESS_DENIED)/

const whereOf = ({ server, context }: Login): string =>
  context === '' ? server : `${server} (context ${context})`

/** What a request that got no answer means to a person. */
export function transportError(error: unknown, { login, flags }: LoginContext): CanaryError {
  if (error instanceof CanaryError) return error
  const { code = '', message, name } = error as NodeJS.ErrnoException
  const where = whereOf(login)
  if (name === 'TimeoutError')
    return new CanaryError('timeout', `${where} did not answer within ${login.timeout / 1000} s`, {
      cause: error,
      hints: ['Increase --request-timeout; 0 means no limit.'],
    })
  const certificate = certificateFaults[code] ?? (isUnknownAuthority(code) ? unknownAuthority : undefined)
  if (certificate !== undefined)
    return new CanaryError(
      'unreachable',
      `${where} is not trusted: the server's certificate ${certificate.is} (${message.replace(adviceOfNode, '')})`,
      { cause: error, hints: [certificate.hint] },
    )
  if (refusedCertificate.test(code))
    return new CanaryError(
      'unauthorized',
      `${where} rejects the client certificate of ${login.userName || 'the kubeconfig'}: ${message}`,
      { cause: error, hints: [logIn] },
    )
  if (code === 'EPROTO' && /wrong version number/i.test(message)) {
    return new CanaryError('unreachable', `${where} does not speak TLS`, {
      cause: error,
      hints: ["Check whether the server's URL must start with http:// instead of https://."],
    })
  }
  return new CanaryError('unreachable', `cannot reach ${where}: ${reasonOf(code, message)}`, {
    cause: error,
    hints: [...login.hints, `Check it with: kubectl cluster-info${flags}`],
  })
}

/** The authorities of the system are trusted already. */
const adviceOfNode = /; if the root CA is installed locally.*$/

const logIn = 'Log in again, or choose other credentials with --context or --user.'

function reasonOf(code: string, message: string): string {
  const said: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'the connection was refused',
    ENOTFOUND: 'the host does not exist',
    EAI_AGAIN: 'the host name cannot be resolved now',
    ETIMEDOUT: 'the connection timed out',
    EHOSTUNREACH: 'there is no route to the host',
    ENETUNREACH: 'the network is unreachable',
    ECONNRESET: 'the connection was closed',
  }
  // Of several addresses that were tried there is no message but the code.
  return said[code] ?? (message || code)
}

const codes: Readonly<Record<number, ErrorCode>> = {
  400: 'rejected',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  413: 'rejected',
  422: 'rejected',
  504: 'timeout',
}

/** One request that the server refused, and what it said. */
export interface Refused {
  readonly status: number
  readonly text: string
  /** `get`, `list`, `create`, `patch`, `delete` and what of, for the question whether one may. */
  readonly verb?: string | undefined
  readonly resource?: string | undefined
  readonly namespace?: string | undefined
  readonly proof?: Proof | undefined
}

/** A refused patch is quoted as the whole object that it would make, which hides the reason behind it. */
const wholeValue = /^"" is invalid: patch: Invalid value: "(?:[^"\\]|\\.)*": /

/**
 * What the server's refusal means to a person; its own message is kept whole, a webhook's with all its lines.
 */
export function statusError(refused: Refused, asker: LoginContext): CanaryError {
  const { status, text } = refused
  const where = whereOf(asker.login)
  const said = statusOf(text)
  const message = messageOf(refused, said)
  if (status === 401) return unauthorized(refused, asker)
  // An admission webhook says no with 403 too, or with whatever code it likes.
  if (/^admission webhook "|denied the request/.test(message)) return new CanaryError('rejected', message)
  if (status === 403)
    return new CanaryError('forbidden', said === undefined ? `${where}: ${message}` : message, {
      hints: [mayI(refused, asker.flags)],
    })
  if (said?.reason === 'Timeout' || said?.reason === 'ServerTimeout')
    return new CanaryError('timeout', `${where}: ${message}`)
  const hints = /HTTP request to an HTTPS server/.test(message) ? ["Write https:// in the server's URL."] : []
  return new CanaryError(
    codes[status] ?? 'failed',
    said === undefined ? `${where} answered ${status}: ${message}` : message,
    { hints },
  )
}

const messageOf = ({ status, text }: Refused, said: V1Status | undefined): string =>
  said?.message?.trim().replace(wholeValue, '') || text.trim().slice(0, 500) || `status ${status}`

const unauthorized = ({ proof }: Refused, { login }: LoginContext): CanaryError =>
  new CanaryError(
    'unauthorized',
    `${whereOf(login)} rejects the credentials of ${login.userName || 'the kubeconfig'}${expiredSince(proof)}`,
    { hints: [logIn] },
  )

/** The server's Status, if it is one. */
export function statusOf(text: string): V1Status | undefined {
  try {
    const status = JSON.parse(text) as V1Status | null
    return status?.kind === 'Status' ? status : undefined
  } catch {
    return undefined
  }
}

function mayI({ verb, resource, namespace }: Refused, flags: string): string {
  if (verb === undefined || resource === undefined)
    return `List your permissions: kubectl auth can-i --list${flags}`
  return `Ask the cluster's administrator for this permission; to check whether you have it: kubectl auth can-i ${verb} ${resource}${namespace === undefined ? ' -A' : ` -n ${namespace}`}${flags}`
}

/** Says when the credentials ended, where they themselves tell it. */
function expiredSince({ certificate, authorization }: Proof = {}): string {
  const isPast = (time: number): boolean => time > 0 && time < Date.now()
  const token = authorization?.startsWith('Bearer ') ? expiryOf(authorization.slice('Bearer '.length)) : 0
  if (isPast(token)) return `: the token expired on ${new Date(token).toISOString()}`
  const ends = certificate === undefined ? 0 : endOf(certificate)
  return isPast(ends) ? `: the client certificate expired on ${new Date(ends).toISOString()}` : ''
}

function endOf(certificate: string): number {
  try {
    return Date.parse(new X509Certificate(certificate).validTo)
  } catch {
    return 0
  }
}
