/** What Istio takes a port to speak, as it spells it. */
export type PortProtocol =
  | 'TCP'
  | 'UDP'
  | 'GRPC'
  | 'GRPC-Web'
  | 'HTTP'
  | 'HTTP_PROXY'
  | 'HTTP2'
  | 'HTTPS'
  | 'TLS'
  | 'Mongo'
  | 'Redis'
  | 'MySQL'
  | 'UnsupportedProtocol'

/** The part of a Service's port that decides its protocol. */
export interface PortNaming {
  readonly name?: string | undefined
  readonly appProtocol?: string | null | undefined
  /** The transport: TCP when left out. */
  readonly protocol?: string | undefined
  readonly port: number
}

export interface ProtocolOfPort {
  readonly protocol: PortProtocol
  /** Neither name nor appProtocol says it: the proxy sniffs. */
  readonly autoDetected: boolean
  /** Whether http routes exist on such a port; elsewhere they are ignored silently. */
  readonly httpRoutesApply: boolean
}

const byName: ReadonlyMap<string, PortProtocol> = new Map([
  ['tcp', 'TCP'],
  ['udp', 'UDP'],
  ['grpc', 'GRPC'],
  ['grpc-web', 'GRPC-Web'],
  ['http', 'HTTP'],
  ['http_proxy', 'HTTP_PROXY'],
  ['http2', 'HTTP2'],
  ['https', 'HTTPS'],
  ['tls', 'TLS'],
  ['mongo', 'Mongo'],
  ['redis', 'Redis'],
  ['mysql', 'MySQL'],
])

/**
 * The names that the Service specification itself gives a meaning to: in appProtocol only, and in this exact
 * case.
 */
const byKubernetesName: ReadonlyMap<string, PortProtocol> = new Map([
  ['kubernetes.io/h2c', 'HTTP2'],
  ['kubernetes.io/ws', 'HTTP'],
  ['kubernetes.io/wss', 'HTTPS'],
])

const httpProtocols: ReadonlySet<PortProtocol> = new Set([
  'HTTP',
  'HTTP2',
  'GRPC',
  'GRPC-Web',
  'HTTP_PROXY',
  'UnsupportedProtocol',
])

/** Ports on which the server speaks first, so that sniffing would hang: SMTP, DNS, MySQL, MongoDB. */
const neverSniffed: ReadonlySet<number> = new Set([25, 53, 3306, 27017])

/**
 * A protocol by its whole name in any case, as ServiceEntries and Gateways say it; `UnsupportedProtocol` for
 * any other.
 */
export const parseProtocol = (name: string): PortProtocol =>
  byName.get(name.toLowerCase()) ?? 'UnsupportedProtocol'

/** The protocol that Istio selects for a Service's port (istio/pkg/config/kube, ConvertProtocol). */
export function protocolOf(port: PortNaming): ProtocolOfPort {
  const protocol = selectedProtocol(port)
  return {
    protocol,
    autoDetected: protocol === 'UnsupportedProtocol',
    httpRoutesApply: httpRoutesApplyTo(protocol),
  }
}

/** Whether http routes exist on a port of this protocol. */
export const httpRoutesApplyTo = (protocol: PortProtocol): boolean => httpProtocols.has(protocol)

function selectedProtocol({ name, appProtocol, protocol, port }: PortNaming): PortProtocol {
  if (protocol === 'UDP') return 'UDP'
  const special = byKubernetesName.get(appProtocol ?? '')
  if (special !== undefined) return special
  const said = [appProtocol, name].find(value => typeof value === 'string') ?? ''
  if (/^grpc-web/i.test(said)) return 'GRPC-Web'
  const found = parseProtocol(said.split('-', 1)[0] ?? '')
  return found === 'UnsupportedProtocol' && neverSniffed.has(port) ? 'TCP' : found
}
