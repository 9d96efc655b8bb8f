import type { Path } from '../../rule.ts'
import { checkConnectionPool, type ConnectionPool } from '../destination-rule/connection-pool.ts'
import type { Fault } from '../../schema/fault.ts'
import { checkServerTls, type ServerTls } from '../gateway/server-tls.ts'
import { bindFault, isSocket, isTls, socketFault } from '../listener.ts'
import { faultAt, portFault } from '../names.ts'
import { checkListenerPort, type ListenerPort } from './listener-port.ts'

export interface IngressListener {
  readonly port: ListenerPort
  readonly bind?: string
  readonly defaultEndpoint?: string
  readonly tls?: ServerTls
  readonly connectionPool?: ConnectionPool
}

/** What is wrong with a Sidecar's ingress listeners. */
export function* checkIngress(ingress: readonly IngressListener[], path: Path): Iterable<Fault> {
  const numbers = ingress.map(({ port }) => port.number ?? 0)
  for (const [i, { port, bind = '', defaultEndpoint = '', tls, connectionPool }] of ingress.entries()) {
    const at = [...path, i]
    const number = numbers[i]!
    yield* checkListenerPort(port, [...at, 'port'])
    yield* faultAt([...at, 'port', 'number'], portFault(number))
    yield* faultAt([...at, 'bind'], bindFault(bind))
    if (numbers.indexOf(number) < i)
      yield { path: [...at, 'port', 'number'], message: `there are two listeners on port ${number}` }
    if (defaultEndpoint !== '') yield* faultAt([...at, 'defaultEndpoint'], endpointFault(defaultEndpoint))
    if (tls !== undefined) yield* checkTls(tls, port.protocol ?? '', [...at, 'tls'])
    if (connectionPool !== undefined) yield* checkConnectionPool(connectionPool, [...at, 'connectionPool'])
  }
}

const localHost = String.raw`127\.0\.0\.1|0\.0\.0\.0`
const endpointForm = new RegExp(String.raw`^(?:${localHost}|\[(?:${localHost}|::1?)?\])?:\+?(\d+)$`)

/** The workload's own port, `127.0.0.1:8080`, `[::1]:8080`, `:8080` and the like, or a socket. */
function endpointFault(endpoint: string): string | undefined {
  if (isSocket(endpoint)) return socketFault(endpoint)
  const [, port] = endpointForm.exec(endpoint) ?? []
  return port !== undefined
    ? portFault(Number(port))
    : `must be 127.0.0.1:PORT, 0.0.0.0:PORT, [::1]:PORT, [::]:PORT, :PORT or unix:///PATH, not ${JSON.stringify(endpoint)}`
}

const unsupported = [
  'subjectAltNames',
  'httpsRedirect',
  'credentialName',
  'credentialNames',
  'tlsCertificates',
] as const

/** A Sidecar ends TLS with certificates of its own, from files. */
function* checkTls(tls: ServerTls, protocol: string, path: Path): Iterable<Fault> {
  for (const key of unsupported) {
    const value = tls[key] ?? ''
    if (value === true || (typeof value !== 'boolean' && value.length > 0)) {
      yield { path: [...path, key], message: `${key} is not supported on a Sidecar`, about: '' }
    }
  }
  const { mode = 'PASSTHROUGH' } = tls
  if (['ISTIO_MUTUAL', 'AUTO_PASSTHROUGH'].includes(mode))
    yield { path: [...path, 'mode'], message: `mode ${mode} is not supported on a Sidecar` }
  if (!isTls(protocol))
    yield {
      path,
      message: `tls is for HTTPS and TLS ports; this one is ${protocol === '' ? 'neither' : protocol}`,
      about: protocol,
    }
  yield* checkServerTls(tls, path)
}
