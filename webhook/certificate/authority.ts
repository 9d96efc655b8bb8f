import 'reflect-metadata'
import { randomBytes, webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import type { KeyPair } from './server-key-pair.ts'
import type { Lifetime } from './key-pair.ts'

/** Whom a serving certificate is for. */
export interface ServerNames {
  readonly dnsNames: readonly string[]
  readonly ipAddresses?: readonly string[]
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const crypto = webcrypto

/**
 * A new authority of our own. Its name carries the time, so that clients tell an old one and its successor
 * apart.
 */
export async function createAuthority(lifetime: Lifetime): Promise<KeyPair> {
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      ...dates(lifetime),
      serialNumber: serialNumber(),
      name: [{ CN: [`canary-guard-ca-${Math.floor(lifetime.from / 1000)}`] }],
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

/** A serving certificate with a new key, signed by the authority; throws if the authority cannot be read. */
export async function issueLeaf(
  authority: KeyPair,
  { dnsNames, ipAddresses = [] }: ServerNames,
  lifetime: Lifetime,
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
      ...dates(lifetime),
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

const dates = ({ from, until }: Lifetime) => ({ notBefore: new Date(from), notAfter: new Date(until) })

/** Positive, and never twice the same. */
const serialNumber = (): string => `01${randomBytes(15).toString('hex')}`

const newKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])

const pem = (certificate: x509.X509Certificate): string => `${certificate.toString('pem').trim()}\n`

const pemOfKey = async (key: webcrypto.CryptoKey): Promise<string> =>
  `${x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), x509.PemConverter.PrivateKeyTag).trim()}\n`
