import { X509Certificate } from 'node:crypto'
import { createAuthority, issueLeaf, type ServerNames } from './authority.ts'
import type { KeyPair } from './server-key-pair.ts'
import { belongTogether, certificatesIn, lifetimeOf, type Lifetime } from './key-pair.ts'

/** What the one Secret holds. */
export interface Holdings {
  /** The newest authority. */
  readonly authority: KeyPair
  /** Every authority whose certificates may still be served, the newest first, as PEM. */
  readonly bundle: string
  readonly leaf: KeyPair
}

const hour = 60 * 60 * 1000
const day = 24 * hour
const leafDays = 90
/**
 * Long, because nothing but a change of it can ever go wrong; still replaced in time, so that the change is
 * no surprise.
 */
const authorityDays = 3650

/**
 * What the Secret's data (plain text by key) hold if all of it fits together and the authority is valid;
 * undefined for anything else, an empty Secret too.
 */
export function holdingsOf(data: Readonly<Record<string, string>>, now: number): Holdings | undefined {
  const {
    'ca.crt': bundle = '',
    'ca.key': key = '',
    'tls.crt': certificate = '',
    'tls.key': leafKey = '',
  } = data
  const [newest] = certificatesIn(bundle)
  if (newest === undefined || lifetimeOf(newest).until <= now) return undefined
  const authority: KeyPair = { certificate: newest, key }
  const leaf: KeyPair = { certificate, key: leafKey }
  return belongTogether(authority) && belongTogether(leaf) && isIssuedBy(leaf, newest)
    ? { authority, bundle, leaf }
    : undefined
}

/** The Secret's data for what it is to hold. */
export const dataOf = ({ authority, bundle, leaf }: Holdings): Readonly<Record<string, string>> => ({
  'ca.crt': bundle,
  'ca.key': authority.key,
  'tls.crt': leaf.certificate,
  'tls.key': leaf.key,
})

/**
 * Whom the leaf is for, PEM of authorities that must stay trusted, and the time in milliseconds since 1970.
 */
export interface Renewal {
  readonly names: ServerNames
  readonly trusted: string
  readonly now: number
}

/**
 * What is to be held now: the same object as long as nothing is due, else with a new leaf, or with a new
 * authority as well. Authorities that
 * somebody may still serve a certificate of stay in the bundle until they expire.
 */
export async function renewed(
  held: Holdings | undefined,
  { names, trusted, now }: Renewal,
): Promise<Holdings> {
  const isAuthorityDue = held === undefined || isDue(lifetimeOf(held.authority.certificate), now)
  if (!isAuthorityDue && !isDue(lifetimeOf(held.leaf.certificate), now) && isFor(held.leaf, names))
    return held
  const authority = isAuthorityDue ? await createAuthority(lasting(authorityDays, now)) : held.authority
  const bundle = bundleOf([authority.certificate, held?.bundle ?? '', trusted], now)
  return { authority, bundle, leaf: await issueLeaf(authority, names, lasting(leafDays, now)) }
}

/** From two thirds of its life on. */
const isDue = ({ from, until }: Lifetime, now: number): boolean => now >= from + ((until - from) * 2) / 3

/** Valid from an hour ago, as clocks differ. */
const lasting = (days: number, now: number): Lifetime => ({
  from: now - hour,
  until: now - hour + days * day,
})

const bundleOf = (pems: readonly string[], now: number): string =>
  [...new Set(pems.flatMap(certificatesIn))]
    .filter(certificate => lifetimeOf(certificate).until > now)
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
