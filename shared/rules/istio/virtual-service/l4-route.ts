import type { Path } from '../../rule.ts'
import type { Fault } from '../../schema/fault.ts'
import { faultAt, gatewayDomainFault, isAddress, wildcardDomainFault } from '../names.ts'
import { checkDestinations, type WeightedDestinationSpec } from './destinations.ts'
import { isWithin } from './hosts.ts'
import { checkPeerMatch, type PeerMatch } from './match.ts'

export interface TcpRoute {
  readonly match?: readonly PeerMatch[]
  readonly route?: readonly WeightedDestinationSpec[]
}
export interface TlsRoute {
  readonly match?: readonly (PeerMatch & { readonly sniHosts?: readonly string[] })[]
  readonly route?: readonly WeightedDestinationSpec[]
}

/** What is wrong with one tcp route. */
export function* checkTcpRoute({ match = [], route = [] }: TcpRoute, path: Path): Iterable<Fault> {
  for (const [i, block] of match.entries()) yield* checkPeerMatch(block, [...path, 'match', i])
  yield* checkRoute(route, path)
}

/** What a tls route's SNI hosts are held against. */
export interface SniContext {
  readonly hosts: readonly string[]
  /** `mesh` is said; left out it does not count here. */
  readonly bindsMesh: boolean
}

/** What is wrong with one tls route; its SNI hosts are among the VirtualService's hosts. */
export function* checkTlsRoute(
  { match = [], route = [] }: TlsRoute,
  context: SniContext,
  path: Path,
): Iterable<Fault> {
  if (match.length === 0) yield { path, message: 'a tls route needs a match on sniHosts', about: 'match' }
  for (const [i, block] of match.entries()) {
    const { sniHosts = [] } = block
    if (sniHosts.length === 0)
      yield { path: [...path, 'match', i], message: 'a tls match needs sniHosts', about: '' }
    for (const [j, host] of sniHosts.entries())
      yield* faultAt([...path, 'match', i, 'sniHosts', j], sniFault(host, context))
    yield* checkPeerMatch(block, [...path, 'match', i])
  }
  yield* checkRoute(route, path)
}

function sniFault(host: string, { hosts, bindsMesh }: SniContext): string | undefined {
  const wrong = bindsMesh ? wildcardDomainFault(host) : gatewayDomainFault(host, true)
  if (wrong !== undefined) return isAddress(host) ? undefined : wrong
  return hosts.some(other => isWithin(host, other))
    ? undefined
    : `${host} is not one of the hosts ${hosts.join(', ')}`
}

function* checkRoute(route: readonly WeightedDestinationSpec[], path: Path): Iterable<Fault> {
  if (route.length === 0) yield { path, message: 'a route needs destinations (route)', about: 'route' }
  yield* checkDestinations(route, [...path, 'route'])
}
