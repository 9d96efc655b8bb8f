import { isAddress } from './names.ts'

// istio/pkg/config/protocol: case does not matter, and nothing is cut off the end.
const http: ReadonlySet<string> = new Set(['http', 'http2', 'http_proxy', 'grpc', 'grpc-web'])
const tls: ReadonlySet<string> = new Set(['https', 'tls'])
const others: ReadonlySet<string> = new Set(['tcp', 'udp', 'mongo', 'redis', 'mysql'])

/** Whether a port of a Gateway, ServiceEntry or Sidecar speaks HTTP without TLS. */
export const isHttp = (protocol: string): boolean => http.has(protocol.toLowerCase())
/** Whether it speaks TLS. */
export const isTls = (protocol: string): boolean => tls.has(protocol.toLowerCase())

/** What is wrong with the protocol of such a port; of some kinds it may be left out. */
export const protocolFault = (protocol: string): string | undefined =>
  isHttp(protocol) || isTls(protocol) || others.has(protocol.toLowerCase())
    ? undefined
    : `${JSON.stringify(protocol)} is not a protocol; use HTTP, HTTPS, HTTP2, HTTP_PROXY, GRPC, GRPC-WEB, TLS, TCP, UDP, MONGO, REDIS or MYSQL`

const socketScheme = 'unix://'

/** Whether an address is a Unix domain socket, `unix:///path` or `unix://@name`. */
export const isSocket = (address: string): boolean => address.startsWith(socketScheme)

/** What is wrong with the address of a Unix domain socket. */
export function socketFault(address: string): string | undefined {
  const socket = address.slice(socketScheme.length)
  return socket.startsWith('@') || (socket.startsWith('/') && !socket.endsWith('/'))
    ? undefined
    : `${JSON.stringify(address)} is not a Unix domain socket; write unix:///path/to/a/file or unix://@name`
}

/** What is wrong with an IP address to listen on; empty stands for the usual one. */
export const bindFault = (bind: string): string | undefined =>
  bind === '' || isAddress(bind) ? undefined : `${JSON.stringify(bind)} is not an IP address`
