import type { Path } from '../../rule.ts'
import type { Fault } from '../../schema/fault.ts'
import { gatewayDomainFault, isAddress, wildcardDomainFault } from '../names.ts'
import { firstOverlaps } from '../overlaps.ts'

/** How a VirtualService is bound, which decides what its hosts may be. */
export interface BindingTraits {
  readonly toMesh: boolean
  readonly bySni: boolean
}

const isWildcard = (host: string): boolean => host.startsWith('*')

/** Whether every name that a host covers is covered by the other. */
export function isWithin(host: string, other: string): boolean {
  if (!isWildcard(other)) return host === other
  return (
    (!isWildcard(host) || host.length >= other.length)
    && (isWildcard(host) ? host.slice(1) : host).endsWith(other.slice(1))
  )
}

/** What is wrong with the hosts of a VirtualService. Hosts that cover one another count as twice the same. */
export function* checkHosts(
  hosts: readonly string[],
  { toMesh, bySni }: BindingTraits,
  path: Path,
): Iterable<Fault> {
  let allValid = true
  for (const [i, host] of hosts.entries()) {
    const message =
      toMesh && host === '*'
        ? 'the host * is for gateways only, not for the mesh'
        : isAddress(host)
          ? undefined
          : toMesh
            ? wildcardDomainFault(host)
            : gatewayDomainFault(host, bySni)
    if (message === undefined) continue
    allValid = false
    yield { path: [...path, i], message }
  }
  if (!allValid) return
  for (const [i, place] of firstOverlaps(hosts).entries()) {
    if (place !== undefined) {
      const [host, first] = [hosts[i]!, hosts[place]!]
      yield {
        path: [...path, i],
        message: first === host ? `${host} is listed twice in hosts` : `${host} and ${first} overlap`,
      }
    }
  }
}
