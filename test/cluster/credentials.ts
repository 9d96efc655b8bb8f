/** The certificates and keys of one test cluster, all signed by one authority that lives as long as it does. */
import 'reflect-metadata'
import { generateKeyPairSync, randomBytes, webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import type { KeyPair } from '../../webhook/certificate/key-pair.ts'

/** A person or program as the API server knows it. */
export interface User {
  readonly name: string
  readonly groups?: readonly string[]
}

/** Signs the certificates of a cluster; `certificate` (PEM) is what its clients and its server trust. */
export interface Authority {
  readonly certificate: string
  server(names: readonly string[]): Promise<KeyPair>
  client(user: User, options?: { readonly expired?: boolean }): Promise<KeyPair>
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const day = 24 * 60 * 60 * 1000
const { subtle } = webcrypto

/** A new authority with a key of its own. */
export async function createAuthority(): Promise<Authority> {
  const keys = await newKeys()
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(30),
    serialNumber: serialNumber(),
    name: [{ CN: ['kubectl-canary test authority'] }],
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  })
  const sign = async (name: x509.JsonName, extensions: x509.Extension[], days: number): Promise<KeyPair> => {
    const own = await newKeys()
    const certificate = await x509.X509CertificateGenerator.create({
      ...validity(days),
      serialNumber: serialNumber(),
      subject: name,
      issuer: root.subject,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: algorithm,
      extensions,
    })
    return { certificate: certificate.toString('pem'), key: await pemOf(own.privateKey) }
  }
  const usage = (kind: x509.ExtendedKeyUsage) => new x509.ExtendedKeyUsageExtension([kind])
  return {
    certificate: root.toString('pem'),
    server: names =>
      sign(
        [{ CN: ['kube-apiserver'] }],
        [usage(x509.ExtendedKeyUsage.serverAuth), alternativeNames(names)],
        30,
      ),
    client: ({ name, groups = [] }, { expired = false } = {}) =>
      sign(
        [{ CN: [name] }, ...groups.map(group => ({ O: [group] }))],
        [usage(x509.ExtendedKeyUsage.clientAuth)],
        expired ? -1 : 30,
      ),
  }
}

/** The PEM private key that service-account tokens are signed with. */
export const newSigningKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'sec1', format: 'pem' })
    .toString()

/** A random bearer token. */
export const newToken = (): string => randomBytes(16).toString('hex')

// Starts in the past: clocks of the processes need not agree to the second. A negative number of days is expired already.
const validity = (days: number) => ({
  notBefore: new Date(Date.now() - 2 * day),
  notAfter: new Date(Date.now() + days * day),
})

const serialNumber = () => `01${randomBytes(15).toString('hex')}`

const newKeys = () => subtle.generateKey(algorithm, true, ['sign', 'verify'])

const alternativeNames = (names: readonly string[]) =>
  new x509.SubjectAlternativeNameExtension(
    names.map(value => ({ type: /^[\d.]+$|:/.test(value) ? 'ip' : 'dns', value })),
  )

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  const base64 = Buffer.from(await subtle.exportKey('pkcs8', key)).toString('base64')
  return `-----BEGIN PRIVATE KEY-----\n${base64.replace(/.{64}(?!$)/g, '$&\n')}\n-----END PRIVATE KEY-----\n`
}
