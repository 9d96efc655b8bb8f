import type { Service } from '../../objects/core.ts'
import type { ServiceRoute } from '../../objects/gateway-api.ts'
import { refOf } from '../../objects/kinds.ts'
import { patchCommand } from '../../objects/text/kubectl-commands.ts'
import { fieldsOf, itemsOf, numberOf, textOf } from '../../objects/unchecked.ts'
import { isService, parentOf } from '../../providers/gateway-api/resolve/references.ts'
import { parentsOf } from '../../providers/gateway-api/resolve/routes.ts'
import { protocolOf, type ProtocolOfPort } from '../../workloads/mesh/port-protocol.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import type { Violation } from '../rule.ts'

/** A port of a Service, its place in the list, and the protocol that its name or appProtocol says. */
export interface DeclaredPort {
  readonly port: number
  readonly index: number
  readonly said: ProtocolOfPort
}

/** The ports of a Service with the protocols that their names or appProtocol say. */
export const portsWithProtocol = ({ spec }: Service): readonly DeclaredPort[] =>
  itemsOf(fieldsOf(spec)['ports'])
    .map(fieldsOf)
    .flatMap((fields, index) => {
      const port = numberOf(fields['port'])
      return port === undefined
        ? []
        : [
            {
              port,
              index,
              said: protocolOf({
                name: textOf(fields['name']),
                appProtocol: textOf(fields['appProtocol']),
                protocol: textOf(fields['protocol']),
                port: 1,
              }),
            },
          ]
    })

/** The port of a number: UDP only where there is no other of the number. */
export function portOf(service: Service, number: number | undefined): DeclaredPort | undefined {
  const found = portsWithProtocol(service).filter(({ port }) => port === number)
  return found.find(({ said }) => said.protocol !== 'UDP') ?? found[0]
}

/**
 * The command that has a port say its protocol, and the same as one field of a file; nothing for UDP, of which it is
 * the transport.
 */
export const sayingProtocol = (
  service: Service,
  { index, said }: DeclaredPort,
  value: string,
): Pick<Violation, 'fix' | 'sets'> =>
  said.protocol === 'UDP'
    ? {}
    : {
        fix: patchCommand(refOf(service), 'json', [
          { op: 'add', path: `/spec/ports/${index}/appProtocol`, value },
        ]),
        sets: { ref: refOf(service), path: ['spec', 'ports', index, 'appProtocol'], value },
      }

/** What appProtocol says for the requests of a route. */
export const protocolFor = ({ kind }: ServiceRoute): string =>
  kind === 'GRPCRoute' ? 'kubernetes.io/h2c' : 'http'

/** A Service that a route is attached to in the mesh. */
export interface ServiceParent {
  readonly service: Service
  readonly path: readonly (string | number)[]
  /** Those that the route is for. */
  readonly ports: readonly DeclaredPort[]
}

/** The Services that a route is attached to in the mesh. */
export const serviceParents = (view: ClusterView, route: ServiceRoute): readonly ServiceParent[] =>
  parentsOf(route).flatMap((reference, i) => {
    const parent = parentOf(route, reference)
    const service = isService(parent)
      ? view.get({ kind: 'Service', namespace: parent.namespace, name: parent.name })
      : undefined
    if (service === undefined) return []
    const ports = portsWithProtocol(service).filter(({ port, said }) =>
      parent.port === undefined ? said.protocol !== 'UDP' : port === parent.port,
    )
    return [{ service, path: ['spec', 'parentRefs', i], ports }]
  })
