import { isLabel } from '../../objects/hosts.ts'
import { isAddress, wildcardDomainFault } from './names.ts'

/**
 * What is wrong with a host of a Gateway's server, `NAMESPACE/HOST` or `HOST`. Namespace `~` is for those
 * only that istiod makes of the Gateway API.
 */
export function serverHostFault(entry: string, allowsNone: boolean): string | undefined {
  const [namespace, host] = parted(entry)
  if (host === undefined) return hostFault(entry) ?? addressableFault(entry)
  if (namespace === '' || host === '') return emptyFault(entry)
  const isNamespace =
    ['*', '.'].includes(namespace) || (namespace === '~' && allowsNone) || isLabel(namespace)
  return isNamespace ? (hostFault(host) ?? addressableFault(host)) : namespaceFault(namespace)
}

/** What is wrong with an egress host of a Sidecar, `NAMESPACE/HOST`; `~` before the namespace excludes it. */
export function egressHostFault(entry: string): string | undefined {
  const [namespace, host] = parted(entry)
  if (host === undefined) return `${JSON.stringify(entry)} does not have the form NAMESPACE/HOST`
  if (namespace === '' || host === '') return emptyFault(entry)
  const plain = namespace.replace(/^~/, '')
  return ['', '*', '.'].includes(plain) || isLabel(plain)
    ? (hostFault(host) ?? wildcardDomainFault(host))
    : namespaceFault(namespace)
}

const parted = (entry: string): readonly [string, string?] => {
  const slash = entry.indexOf('/')
  return slash < 0 ? [entry] : [entry.slice(0, slash), entry.slice(slash + 1)]
}

const emptyFault = (entry: string): string =>
  `${JSON.stringify(entry)} has an empty namespace or host; write NAMESPACE/HOST`
const namespaceFault = (namespace: string): string =>
  `${JSON.stringify(namespace)} is not the name of a namespace, nor * or .`

/** A gateway may be asked for an address in place of a name; one without dots is treated as a short name. */
const addressableFault = (host: string): string | undefined =>
  isAddress(host) ? undefined : wildcardDomainFault(host)

function hostFault(host: string): string | undefined {
  if (host === '*') return undefined
  if (!host.includes('.')) return `${JSON.stringify(host)} is a short name; write the full name, or *`
  return host.includes('*') && !host.startsWith('*.')
    ? `${JSON.stringify(host)} can have a * in place of its first label only`
    : undefined
}
