import { isLabel } from '../../objects/hosts.ts'
import type { Path } from '../rule.ts'
import type { Fault } from '../schema/fault.ts'

const label = '[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?'
const wildcardForm = new RegExp(`^(?:\\*|(?:\\*-?)?${label})$`)
const qualifiedName = '(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const tagKeyForm = new RegExp(`^(?:(${label}(?:\\.${label})*)/)?(${qualifiedName})$`)
const tagValueForm = new RegExp(`^(?:${qualifiedName})?$`)

/** What is wrong with a fully qualified domain name; the last label may be empty, for a trailing dot. */
export function domainFault(domain: string): string | undefined {
  return lengthFault(domain) ?? labelsFault(domain)
}

/** The same for one whose first label may be or begin with `*`. */
export function wildcardDomainFault(domain: string): string | undefined {
  const dot = domain.indexOf('.')
  const first = dot < 0 ? domain : domain.slice(0, dot)
  const tooLong = lengthFault(domain)
  if (tooLong !== undefined) return tooLong
  if (first.length > 63 || !wildcardForm.test(first))
    return `${JSON.stringify(domain)} is not a host name: ${JSON.stringify(first)} is not a DNS label`
  return dot < 0 ? undefined : labelsFault(domain.slice(dot + 1))
}

/**
 * The same again for a host of a gateway, where the names of AUTO_PASSTHROUGH are taken too if the routes go
 * by SNI: `outbound_.80_._.host`.
 */
export function gatewayDomainFault(domain: string, bySni: boolean): string | undefined {
  if (!bySni || !domain.startsWith('outbound_') || lengthFault(domain) !== undefined)
    return wildcardDomainFault(domain)
  const [, port = '', , host = ''] = domain.split('_')
  return /\d/.test(port) && /[a-zA-Z]/.test(host)
    ? undefined
    : `${JSON.stringify(domain)} does not have the form outbound_.PORT_._.HOST`
}

const lengthFault = (domain: string): string | undefined =>
  domain === ''
    ? 'a host name must not be empty'
    : // A character has three bytes at most for each unit of its length.
      domain.length > 255 / 3 && byteLength(domain) > 255
      ? 'a host name can have at most 255 characters'
      : undefined

function labelsFault(domain: string): string | undefined {
  const labels = domain.split('.')
  const last = labels.at(-1)!
  if (/^[+-]?\d+$/.test(last) && Math.abs(Number(last)) < 2 ** 63)
    return `${JSON.stringify(domain)} is not a host name: ${last} cannot be a top level domain`
  const wrong = labels.find((part, i) => !isLabel(part) && !(part === '' && i === labels.length - 1))
  return wrong === undefined
    ? undefined
    : `${JSON.stringify(domain)} is not a host name: ${JSON.stringify(wrong)} is not a DNS label`
}

/** A text's length in UTF-8, as Go counts it. */
export const byteLength = (text: string): number =>
  [...text].reduce((sum, char) => sum + utf8Length(char.codePointAt(0)!), 0)

const utf8Length = (code: number): number => (code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4)

/** An IPv4 or IPv6 address, the latter with a zone or an embedded IPv4 address. */
export function isAddress(text: string): boolean {
  if (!text.includes(':')) return isIpv4(text)
  const [address = '', zone] = text.split(/%(.*)/s)
  if (zone === '') return false
  const lastColon = address.lastIndexOf(':')
  const tail = address.slice(lastColon + 1)
  const whole = tail.includes('.') ? (isIpv4(tail) ? `${address.slice(0, lastColon + 1)}0:0` : '') : address
  const halves = whole.split('::')
  const groups = halves.flatMap(half => (half === '' ? [] : half.split(':')))
  return (
    halves.length <= 2
    && groups.every(group => /^[0-9a-fA-F]{1,4}$/.test(group))
    && (halves.length === 2 ? groups.length <= 7 : groups.length === 8)
  )
}

const isIpv4 = (text: string): boolean =>
  /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.|$)){4}$/.test(text) && !text.endsWith('.')

/** An address, or a block of them in CIDR notation. */
export function isSubnet(text: string): boolean {
  const parts = text.split('/')
  const [address = '', bits = ''] = parts
  if (parts.length !== 2) return isAddress(text)
  return (
    isAddress(address)
    && !address.includes('%')
    && /^(?:0|[1-9]\d{0,2})$/.test(bits)
    && Number(bits) <= (address.includes(':') ? 128 : 32)
  )
}

/** What is wrong with labels that select pods. */
export function* checkLabels(
  labels: Readonly<Record<string, string>> | undefined,
  path: Path,
): Iterable<Fault> {
  for (const [key, value] of Object.entries(labels ?? {})) {
    const [, prefix = '', name = ''] = tagKeyForm.exec(key) ?? []
    if (name === '' || name.length > 63 || prefix.length > 253) {
      yield { path: [...path, key], message: `${JSON.stringify(key)} is not a label's key`, about: '' }
    }
    if (!tagValueForm.test(value))
      yield { path: [...path, key], message: `${JSON.stringify(value)} is not a label's value` }
  }
}

/** What is wrong with labels that select workloads by equality. */
export function* checkSelector(
  labels: Readonly<Record<string, string>> | undefined,
  path: Path,
): Iterable<Fault> {
  for (const [key, value] of Object.entries(labels ?? {})) {
    if (key === '') yield { path: [...path, key], message: 'the key of a label must not be empty', about: '' }
    if (key.includes('*') || value.includes('*'))
      yield { path: [...path, key], message: 'a selector cannot have *', about: '' }
  }
}

/** Port names are DNS labels, in either case. */
export const portNameFault = (name: string): string | undefined =>
  name === ''
    ? 'the name of a port must not be empty'
    : isLabel(name)
      ? undefined
      : `${JSON.stringify(name)} is not a valid name of a port: use letters, digits and inner dashes, at most 63 characters`

/** Subset names are DNS labels. */
export const subsetFault = (name: string): string | undefined =>
  name === ''
    ? 'the name of a subset must not be empty'
    : isLabel(name)
      ? undefined
      : `${JSON.stringify(name)} is not a valid name of a subset: use letters, digits and inner dashes, at most 63 characters`

/** Ports are 1 to 65535. */
export const portFault = (port: number): string | undefined =>
  port >= 1 && port <= 65535 ? undefined : `${port} is not a port: 1 to 65535`

/** A check of one value as a fault at its place. */
export function* faultAt(path: Path, message: string | undefined): Iterable<Fault> {
  if (message !== undefined) yield { path, message }
}
