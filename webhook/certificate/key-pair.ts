import { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { CanaryError } from '../../shared/objects/canary-error.ts'

/** A certificate chain and its private key, as PEM. */
export interface KeyPair {
  readonly certificate: string
  readonly key: string
}

/** Where key pairs come from: each new one is handed over, whether it is usable or not. */
export interface KeyPairSource {
  start(onKeyPair: (pair: KeyPair) => void): void
  close(): Promise<void>
}

/** When a certificate is valid, in milliseconds since 1970. */
export interface Validity {
  readonly from: number
  readonly until: number
}

/** When the first certificate of a PEM text is valid; throws where there is none. */
export function validityOf(pem: string): Validity {
  const { validFromDate, validToDate } = new X509Certificate(pem)
  return { from: validFromDate.getTime(), until: validToDate.getTime() }
}

/**
 * When the pair's certificate is valid; throws a CanaryError `unreadable` for a pair that no server can use,
 * such as a certificate with the key of another one.
 */
export function usableValidityOf({ certificate, key }: KeyPair): Validity {
  try {
    createSecureContext({ cert: certificate, key })
    return validityOf(certificate)
  } catch (error) {
    throw new CanaryError(
      'unreadable',
      `the certificate or its key cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    )
  }
}

/** Whether a server can use the pair. */
export function isUsable(pair: KeyPair): boolean {
  try {
    usableValidityOf(pair)
    return true
  } catch {
    return false
  }
}

/** Every readable certificate in a PEM text, in order; all other text is left out. */
export const certificatesIn = (pem: string): readonly string[] =>
  [...pem.matchAll(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g)]
    .map(([block]) => `${block}\n`)
    .filter(isCertificate)

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).serialNumber !== ''
  } catch {
    return false
  }
}
