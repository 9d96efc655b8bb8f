import { createPrivateKey, X509Certificate } from 'node:crypto'
import { CanaryError } from '../../shared/objects/canary-error.ts'

/** A certificate chain and its private key, as PEM. */
export interface KeyPair {
  readonly certificate: string
  readonly key: string
}

/** The time from which and until which a certificate holds, in milliseconds since 1970. */
export interface Validity {
  readonly from: number
  readonly until: number
}

/** When the first certificate of a PEM text holds; throws where there is none. */
export function validityOf(pem: string): Validity {
  const { validFromDate, validToDate } = new X509Certificate(pem)
  return { from: validFromDate.getTime(), until: validToDate.getTime() }
}

/** Returns the pair if the two belong together and the certificate still holds; throws a CanaryError `unreadable` that says what is wrong. */
export function checkedPair(pair: KeyPair, now: number): KeyPair {
  const refuse = (why: string, cause?: unknown): never => {
    throw new CanaryError('unreadable', `the certificate cannot be used: ${why}`, { cause })
  }
  let certificate: X509Certificate
  let belongs: boolean
  try {
    certificate = new X509Certificate(pair.certificate)
    belongs = certificate.checkPrivateKey(createPrivateKey(pair.key))
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error), error)
  }
  if (!belongs) return refuse('the private key is another one\'s')
  if (certificate.validToDate.getTime() <= now) return refuse(`it expired on ${certificate.validToDate.toISOString()}`)
  return pair
}

/** Every certificate in a PEM text, in order; what is between them is dropped, and so are blocks that cannot be read. */
export const certificatesIn = (pem: string): readonly string[] =>
  [...pem.matchAll(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g)].map(([block]) => `${block}\n`).filter(isCertificate)

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).ca !== undefined
  } catch {
    return false
  }
}
