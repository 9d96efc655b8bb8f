import type { Path } from '../../rule.ts'
import type { Fault } from '../../schema/fault.ts'
import { isSocket } from '../listener.ts'
import { checkLabels, domainFault, faultAt, isAddress } from '../names.ts'
import { checkPorts, checkWorkloadEntry, type CheckedWorkloadEntry } from '../workload/workload-entry.ts'
import type { CheckedServiceEntry } from './spec.ts'

/** What is wrong with the endpoints of a ServiceEntry; what they may be depends on how names are resolved. */
export function* checkEndpoints({
  hosts,
  ports = [],
  resolution,
  endpoints = [],
}: CheckedServiceEntry): Iterable<Fault> {
  const names = new Set(ports.map(({ name }) => name))
  const isDns = resolution === 'DNS' || resolution === 'DNS_ROUND_ROBIN'
  if (!isDns && resolution !== 'STATIC') return
  if (isDns && endpoints.length === 0) yield* checkHostsResolve(hosts, resolution)
  for (const [i, endpoint] of endpoints.entries()) {
    const at = ['spec', 'endpoints', i]
    yield* isDns ? checkDnsEndpoint(endpoint, at) : checkStaticEndpoint(endpoint, names, at)
    for (const name of Object.keys(endpoint.ports ?? {}).filter(name => !names.has(name))) {
      yield { path: [...at, 'ports', name], message: `the ServiceEntry has no port ${name}`, about: '' }
    }
  }
}

/** Without endpoints it is the hosts that DNS is asked for. */
function* checkHostsResolve(hosts: readonly string[], resolution: string): Iterable<Fault> {
  const i = hosts.findIndex(host => domainFault(host) !== undefined)
  if (i < 0) return
  yield {
    path: ['spec', 'hosts', i],
    message: `with resolution ${resolution} and no endpoints, every host is resolved by DNS, but ${hosts[i]} is not a DNS name`,
  }
}

function* checkStaticEndpoint(
  endpoint: CheckedWorkloadEntry,
  ports: ReadonlySet<string>,
  path: Path,
): Iterable<Fault> {
  const { address = '' } = endpoint
  yield* checkWorkloadEntry(endpoint, path)
  const at = [...path, 'address']
  if (isSocket(address)) {
    if (ports.size !== 1)
      yield {
        path: at,
        message: `a Unix domain socket needs exactly one port, but the ServiceEntry has ${ports.size}`,
      }
  } else if (domainFault(address) === undefined && !isAddress(address)) {
    yield { path: at, message: `with resolution STATIC an endpoint must be an IP address, not ${address}` }
  }
}

function* checkDnsEndpoint(
  { address = '', labels, ports = {} }: CheckedWorkloadEntry,
  path: Path,
): Iterable<Fault> {
  if (address === '')
    yield { path, message: 'with resolution DNS an endpoint must have an address', about: 'address' }
  else if (!isAddress(address)) yield* faultAt([...path, 'address'], domainFault(address))
  yield* checkLabels(labels, [...path, 'labels'])
  yield* checkPorts(ports, [...path, 'ports'])
}
