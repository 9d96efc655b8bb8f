import type { KubeObject } from '../../../objects/kube-object.ts'
import type { Fault } from '../../schema/fault.ts'
import type { CheckedServiceEntry } from './spec.ts'

const protocols: ReadonlySet<string> = new Set(['http', 'http2', 'grpc', 'tls'])

/**
 * What is wrong with a ServiceEntry whose hosts are wildcards that the proxy asks DNS for, request by
 * request.
 */
export function* checkDynamicDns(spec: CheckedServiceEntry, object: KubeObject): Iterable<Fault> {
  const { hosts, addresses = [], endpoints = [], ports = [] } = spec
  for (const [i, host] of hosts.entries()) {
    if (!host.startsWith('*'))
      yield {
        path: ['spec', 'hosts', i],
        message: `with resolution DYNAMIC_DNS a host must be a wildcard, not ${host}`,
      }
  }
  for (const [key, list] of Object.entries({ addresses, endpoints })) {
    if (list.length > 0)
      yield { path: ['spec', key], message: `${key} cannot be used with resolution DYNAMIC_DNS`, about: '' }
  }
  yield* checkProtocols(ports)
  yield* checkLocation(spec, object)
}

function* checkProtocols(ports: NonNullable<CheckedServiceEntry['ports']>): Iterable<Fault> {
  for (const [i, { protocol = '' }] of ports.entries()) {
    if (protocols.has(protocol.toLowerCase())) continue
    const given = protocol === '' ? 'without a protocol' : protocol
    yield {
      path: ['spec', 'ports', i],
      message: `with resolution DYNAMIC_DNS a port must be HTTP, HTTP2, GRPC or TLS, not ${given}`,
      about: protocol,
    }
  }
}

function* checkLocation({ location }: CheckedServiceEntry, { metadata }: KubeObject): Iterable<Fault> {
  const waypoint = metadata.labels?.['istio.io/use-waypoint'] ?? ''
  if (location !== 'MESH_INTERNAL' || waypoint === '' || waypoint.toLowerCase() === 'none') return
  yield {
    path: ['spec', 'location'],
    message: `MESH_INTERNAL cannot be used with resolution DYNAMIC_DNS where there is a waypoint (${waypoint})`,
  }
}
