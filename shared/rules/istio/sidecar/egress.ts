import type { Path } from '../../rule.ts'
import type { Fault } from '../../schema/fault.ts'
import { bindFault, isSocket, socketFault } from '../listener.ts'
import { faultAt, portFault } from '../names.ts'
import { egressHostFault } from '../namespaced-host.ts'
import { checkListenerPort, type ListenerPort } from './listener-port.ts'

export interface EgressListenerSpec {
  readonly port?: ListenerPort
  readonly bind?: string
  readonly captureMode?: string
  readonly hosts: readonly string[]
}

/**
 * What is wrong with a Sidecar's egress listeners: the one without a port is for all other ports, and comes
 * last.
 */
export function* checkEgress(egress: readonly EgressListenerSpec[], path: Path): Iterable<Fault> {
  const sockets = egress.map(({ port, bind = '' }) =>
    port !== undefined && (port.number ?? 0) === 0 ? bind : undefined,
  )
  const ports = egress.map(({ port }) => port?.number ?? 0)
  for (const [i, listener] of egress.entries()) {
    const at = [...path, i]
    const [socket, number] = [sockets[i], ports[i]!]
    if (listener.port === undefined) {
      if (i < egress.length - 1)
        yield {
          path: at,
          message: 'a listener without a port is for all other ports and must be the last',
          about: 'port',
        }
    } else {
      yield* checkPortAndBind(listener, listener.port, at)
    }
    if (socket !== undefined && sockets.indexOf(socket) < i)
      yield { path: [...at, 'bind'], message: `there are two listeners on ${socket}` }
    if (number !== 0 && ports.indexOf(number) < i)
      yield { path: [...at, 'port', 'number'], message: `there are two listeners on port ${number}` }
    if (listener.hosts.length === 0)
      yield { path: [...at, 'hosts'], message: 'a listener needs a host, such as */*', about: '' }
    for (const [j, host] of listener.hosts.entries())
      yield* faultAt([...at, 'hosts', j], egressHostFault(host))
  }
}

function* checkPortAndBind(
  { bind = '', captureMode = 'DEFAULT' }: EgressListenerSpec,
  port: ListenerPort,
  path: Path,
): Iterable<Fault> {
  yield* checkListenerPort(port, [...path, 'port'])
  const { number = 0 } = port
  if (number !== 0) {
    yield* faultAt([...path, 'port', 'number'], portFault(number))
    yield* faultAt([...path, 'bind'], bindFault(bind))
    return
  }
  if (isSocket(bind)) yield* faultAt([...path, 'bind'], socketFault(bind))
  else
    yield {
      path: [...path, 'port'],
      message: 'a port needs a number, unless bind is a Unix domain socket',
      about: 'number',
    }
  if (captureMode === 'IPTABLES')
    yield { path: [...path, 'captureMode'], message: 'must be DEFAULT or NONE if there is no port number' }
}
