import { isLabel } from '../../../objects/hosts.ts'
import { firstPlaces } from '../../../objects/text/first-places.ts'
import type { Metadata } from '../../../objects/kube-object.ts'
import type { Path } from '../../rule.ts'
import type { Fault } from '../../schema/fault.ts'
import { bindFault, isHttp, isSocket, isTls, protocolFault, socketFault } from '../listener.ts'
import { faultAt, portFault } from '../names.ts'
import { serverHostFault } from '../namespaced-host.ts'
import { checkServerTls, type ServerTls } from './server-tls.ts'

/** A Gateway's spec that holds its schema. */
export interface CheckedGateway {
  readonly servers?: readonly Server[]
}
interface Server {
  readonly port: {
    readonly number: number
    readonly name: string
    readonly protocol: string
    readonly targetPort?: number
  }
  readonly bind?: string
  readonly hosts: readonly string[]
  readonly tls?: ServerTls
}

/**
 * What Istio's webhook says against a Gateway, beyond its schema (istio/pkg/config/validation,
 * ValidateGateway).
 */
export function* checkGateway(
  { servers = [] }: CheckedGateway,
  { name, annotations }: Metadata,
): Iterable<Fault> {
  const isMade = annotations?.['internal.istio.io/gateway-semantics'] === 'gateway'
  if (!isLabel(name) && !isMade) {
    yield {
      path: ['metadata', 'name'],
      message: `${JSON.stringify(name)} is not a valid name of a Gateway: it must have no dots and at most 63 characters`,
    }
  }
  if (servers.length === 0) yield { path: ['spec'], message: 'a Gateway needs servers', about: 'servers' }
  const names = firstPlaces(servers.map(({ port }) => port.name))
  for (const [i, server] of servers.entries()) {
    const at: Path = ['spec', 'servers', i]
    yield* checkServer(server, isMade, at)
    if (names.get(server.port.name)! < i)
      yield {
        path: [...at, 'port', 'name'],
        message: `two servers have a port named ${server.port.name}`,
      }
  }
}

function* checkServer({ port, bind = '', hosts, tls }: Server, isMade: boolean, path: Path): Iterable<Fault> {
  if (hosts.length === 0)
    yield { path: [...path, 'hosts'], message: 'a server needs a host, or *', about: '' }
  for (const [i, host] of hosts.entries())
    yield* faultAt([...path, 'hosts', i], serverHostFault(host, isMade))
  const portFaults = [...checkPort(port, bind, [...path, 'port'])]
  yield* portFaults
  if (!isSocket(bind)) {
    yield* faultAt([...path, 'bind'], bindFault(bind))
  } else {
    yield* faultAt([...path, 'bind'], socketFault(bind))
    if (port.number !== 0)
      yield {
        path: [...path, 'port', 'number'],
        message: 'the port number must be 0 if bind is a Unix domain socket',
      }
  }
  if (tls !== undefined) yield* checkServerTls(tls, [...path, 'tls'])
  if (portFaults.length === 0) yield* checkTlsByProtocol(port.protocol, tls, path)
}

function* checkPort(
  { number, name, protocol, targetPort = 0 }: Server['port'],
  bind: string,
  path: Path,
): Iterable<Fault> {
  yield* faultAt([...path, 'protocol'], protocolFault(protocol))
  if (number > 0 || !isSocket(bind)) yield* faultAt([...path, 'number'], portFault(number))
  if (targetPort > 0)
    yield { path: [...path, 'targetPort'], message: 'targetPort has no effect on a Gateway' }
  if (name === '') yield { path: [...path, 'name'], message: 'the name of a port must not be empty' }
}

/** On a plain HTTP port `tls` may say that requests are sent on to HTTPS, and nothing more. */
function* checkTlsByProtocol(protocol: string, tls: ServerTls | undefined, path: Path): Iterable<Fault> {
  if (tls === undefined) {
    if (isTls(protocol))
      yield { path, message: `a server on a port of protocol ${protocol} must have tls`, about: 'tls' }
    return
  }
  if (isTls(protocol)) return
  const { mode = 'PASSTHROUGH', caCertificates = '', privateKey = '', serverCertificate = '' } = tls
  const hasNone =
    ['PASSTHROUGH', 'AUTO_PASSTHROUGH'].includes(mode)
    && caCertificates + privateKey + serverCertificate === ''
  if (!isHttp(protocol))
    yield {
      path: [...path, 'tls'],
      message: `tls is for HTTPS and TLS ports; this one is ${protocol}`,
      about: protocol,
    }
  else if (!hasNone)
    yield {
      path: [...path, 'tls'],
      message: `a port of protocol ${protocol} cannot have a mode or certificates, only httpsRedirect`,
      about: protocol,
    }
}
