import { X509Certificate } from 'node:crypto'
import { createAuthority, issueLeaf, type ServerNames } from './authority.ts'
import { certificatesIn, isUsable, validityOf, type KeyPair, type Validity } from './key-pair.ts'

/** The contents of the Secret. */
export interface StoredCertificates {
  /** The newest authority. */
  readonly authority: KeyPair
  /** Every authority whose certificates may still be served, the newest first, as PEM. */
  readonly bundle: string
  readonly leaf: KeyPair
}

const hour = 60 * 60 * 1000
const day = 24 * hour
const leafDays = 90
/** Ten years: only the replacement of an authority can fail, so it is replaced rarely, and long before it expires. */
const authorityDays = 3650

/**
 * The certificates in the Secret's data (plain text by key) if they belong together and the authority is valid;
 * undefined otherwise, also for an empty Secret.
 */
export function storedCertificatesIn(
  data: Readonly<Record<string, string>>,
  now: number,
): StoredCertificates | undefined {
  const {
    'ca.crt': bundle = '',
    'ca.key': key = '',
    'tls.crt': certificate = '',
    'tls.key': leafKey = '',
  } = data
  const [newest] = certificatesIn(bundle)
  if (newest === undefined || validityOf(newest).until <= now) return undefined
  const authority: KeyPair = { certificate: newest, key }
  const leaf: KeyPair = { certificate, key: leafKey }
  return isUsable(authority) && isUsable(leaf) && isIssuedBy(leaf, newest)
    ? { authority, bundle, leaf }
    : undefined
}

/** The Secret's data for these certificates. */
export const secretDataOf = ({
  authority,
  bundle,
  leaf,
}: StoredCertificates): Readonly<Record<string, string>> => ({
  'ca.crt': bundle,
  'ca.key': authority.key,
  'tls.crt': leaf.certificate,
  'tls.key': leaf.key,
})

/** What a renewal depends on, besides the certificates. */
export interface Renewal {
  readonly names: ServerNames
  /** PEM of authorities that must stay trusted. */
  readonly trusted: string
  /** Milliseconds since 1970. */
  readonly now: number
}

/**
 * The certificates with what is due renewed: the leaf, or authority and leaf; the same object while nothing is
 * due. An authority stays in the bundle until it expires, because a replica may still serve a certificate of it.
 */
export async function renewed(
  stored: StoredCertificates | undefined,
  { names, trusted, now }: Renewal,
): Promise<StoredCertificates> {
  const isAuthorityDue = stored === undefined || isDue(validityOf(stored.authority.certificate), now)
  if (!isAuthorityDue && !isDue(validityOf(stored.leaf.certificate), now) && isFor(stored.leaf, names))
    return stored
  const authority = isAuthorityDue ? await createAuthority(validityFor(authorityDays, now)) : stored.authority
  const bundle = bundleOf([authority.certificate, stored?.bundle ?? '', trusted], now)
  return { authority, bundle, leaf: await issueLeaf(authority, names, validityFor(leafDays, now)) }
}

/** Whether two thirds of the validity have passed. */
const isDue = ({ from, until }: Validity, now: number): boolean => now >= from + ((until - from) * 2) / 3

/** Starts an hour ago, because clocks differ. */
const validityFor = (days: number, now: number): Validity => ({
  from: now - hour,
  until: now - hour + days * day,
})

const bundleOf = (pems: readonly string[], now: number): string =>
  [...new Set(pems.flatMap(certificatesIn))]
    .filter(certificate => validityOf(certificate).until > now)
    .join('')

const isFor = ({ certificate }: KeyPair, { dnsNames, ipAddresses = [] }: ServerNames): boolean => {
  const parsed = new X509Certificate(certificate)
  return (
    dnsNames.every(name => parsed.checkHost(name) !== undefined)
    && ipAddresses.every(address => parsed.checkIP(address) !== undefined)
  )
}

const isIssuedBy = ({ certificate }: KeyPair, authority: string): boolean =>
  new X509Certificate(certificate).verify(new X509Certificate(authority).publicKey)
