import { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { CanaryError } from '../../shared/objects/canary-error.ts'

/** A certificate chain and its key, as PEM. */
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
  readonly to: number
}

/**
 * When the pair's certificate is valid; throws a CanaryError `unreadable` for what no server can use, such as
 * a key of another certificate.
 */
export function validityOf({ certificate, key }: KeyPair): Validity {
  try {
    createSecureContext({ cert: certificate, key })
    const { validFromDate, validToDate } = new X509Certificate(certificate)
    return { from: validFromDate.getTime(), to: validToDate.getTime() }
  } catch (error) {
    throw new CanaryError(
      'unreadable',
      `the certificate or its key cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    )
  }
}
