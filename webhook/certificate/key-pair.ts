import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { KeyPair } from './server-key-pair.ts'

/** The time from which and until which a certificate holds, in milliseconds since 1970. */
export interface Lifetime {
  readonly from: number
  readonly until: number
}

/** When the first certificate of a PEM text holds; throws where there is none. */
export function lifetimeOf(pem: string): Lifetime {
  const { validFromDate, validToDate } = new X509Certificate(pem)
  return { from: validFromDate.getTime(), until: validToDate.getTime() }
}

/** Whether both can be read and the key is the certificate's. */
export function belongTogether({ certificate, key }: KeyPair): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))
  } catch {
    return false
  }
}

/**
 * Every certificate in a PEM text, in order; what is between them is dropped, and so are blocks that cannot
 * be read.
 */
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
