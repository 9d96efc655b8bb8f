import 'reflect-metadata'
import { randomBytes, webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import type { KeyPair, Validity } from './key-pair.ts'

/** The names and addresses that a serving certificate is for. */
export interface ServerNames {
  readonly dnsNames: readonly string[]
  readonly ipAddresses?: readonly string[]
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const crypto = webcrypto

/**
 * Creates a certificate authority. Its name contains the time, so that clients can distinguish an old authority
 * from its successor.
 */
export async function createAuthority(validity: Validity): Promise<KeyPair> {
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      ...dates(validity),
      serialNumber: serialNumber(),
      name: [{ CN: [`canary-guard-ca-${Math.floor(validity.from / 1000)}`] }],
      keys,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, crypto),
      ],
    },
    crypto,
  )
  return { certificate: pem(certificate), key: await pemOfKey(keys.privateKey) }
}

/** Issues a serving certificate with a new key, signed by the authority; throws if the authority cannot be read. */
export async function issueLeaf(
  authority: KeyPair,
  { dnsNames, ipAddresses = [] }: ServerNames,
  validity: Validity,
): Promise<KeyPair> {
  const issuer = new x509.X509Certificate(authority.certificate)
  const signingKey = await crypto.subtle.importKey(
    'pkcs8',
    x509.PemConverter.decode(authority.key)[0]!,
    algorithm,
    false,
    ['sign'],
  )
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.create(
    {
      ...dates(validity),
      serialNumber: serialNumber(),
      subject: [{ CN: [(dnsNames[0] ?? ipAddresses[0] ?? 'canary-guard').slice(0, 64)] }],
      issuer: issuer.subject,
      publicKey: keys.publicKey,
      signingKey,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([
          ...dnsNames.map(value => ({ type: 'dns' as const, value })),
          ...ipAddresses.map(value => ({ type: 'ip' as const, value })),
        ]),
        await x509.AuthorityKeyIdentifierExtension.create(issuer, false, crypto),
      ],
    },
    crypto,
  )
  return { certificate: pem(certificate), key: await pemOfKey(keys.privateKey) }
}

const dates = ({ from, until }: Validity) => ({ notBefore: new Date(from), notAfter: new Date(until) })

/** A positive number that is never repeated. */
const serialNumber = (): string => `01${randomBytes(15).toString('hex')}`

const newKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])

const pem = (certificate: x509.X509Certificate): string => `${certificate.toString('pem').trim()}\n`

const pemOfKey = async (key: webcrypto.CryptoKey): Promise<string> =>
  `${x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), x509.PemConverter.PrivateKeyTag).trim()}\n`
