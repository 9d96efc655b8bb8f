import { expandHost } from '../../objects/hosts.ts'
import { refOf } from '../../objects/kinds.ts'
import { namespaceOf } from '../../objects/kube-object.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { virtualServicesByDestination } from '../../view/indexes.ts'
import { hostOfService } from '../../view/read/providers.ts'
import { routingOf, type Section } from '../../view/read/routes.ts'
import { fieldsOf, itemsOf, numberOf, textOf } from '../../view/read/unchecked.ts'
import { protocolOf } from '../../view/resolve/port-protocol.ts'
import { patchCommand } from '../commands.ts'
import type { Rule } from '../rule.ts'

interface Address {
  readonly port: number | undefined
  readonly section: Section
  /** The Service is itself a host of the VirtualService, so that a port left out is any of its own. */
  readonly isOwn: boolean
}

/** Istio then guesses the protocol from the first bytes, and on some ports takes it to be TCP, where http routes are ignored. */
export const unnamedPort: Rule<'Service'> = {
  id: 'unnamed-port',
  severity: { webhook: 'error', lint: 'warning' },
  summary: 'A Service port that a route leads to says its protocol, by its name (`http`, `grpc-web`, `tcp-…`) or by appProtocol.',
  remedy: 'Name the port for its protocol, or set appProtocol.',
  subject: 'Service',
  reads: ['VirtualService'],
  *check(view, subject) {
    const ports = itemsOf(fieldsOf(subject.spec)['ports']).map(fieldsOf)
    const unnamed = ports.flatMap((fields, i) => saysProtocol(fields) ? [] : [{ i, fields, port: numberOf(fields['port'])! }])
    if (unnamed.length === 0) return
    const host = hostOfService(subject, view.mesh.clusterDomain)
    const addresses = addressesOf(view, host)
    for (const { i, fields, port } of unnamed) {
      const address = addresses.find(candidate => candidate.port === port || candidate.port === undefined && (ports.length === 1 || candidate.isOwn))
      if (address === undefined) continue
      const said = [textOf(fields['appProtocol']), textOf(fields['name'])].find(text => text !== undefined)
      const value = address.section === 'http' ? 'http' : address.section === 'tls' ? 'tls' : 'tcp'
      yield {
        path: ['spec', 'ports', i],
        message: `port ${port} of ${host} is routed to and says no protocol${said === undefined ? '' : `: ${said} is none`}`,
        about: `${host}:${port}`,
        remedy: patchCommand(refOf(subject), 'json', [{ op: 'add', path: `/spec/ports/${i}/appProtocol`, value }]),
        sets: { ref: refOf(subject), path: ['spec', 'ports', i, 'appProtocol'], value },
        restsOn: [{ kind: 'VirtualService', namespace: namespaceOf(subject) }],
      }
    }
  },
}

/** Whether the protocol is told by more than the number; a port without a number is for the schema to refuse. */
function saysProtocol(fields: Readonly<Record<string, unknown>>): boolean {
  if (numberOf(fields['port']) === undefined) return true
  const naming = { name: textOf(fields['name']), appProtocol: textOf(fields['appProtocol']), protocol: textOf(fields['protocol']) }
  return !protocolOf({ ...naming, port: 1 }).autoDetected
}

function addressesOf(view: ClusterView, host: string): readonly Address[] {
  const { clusterDomain } = view.mesh
  return view.find(virtualServicesByDestination, host).flatMap(object => {
    const { hosts, namespace, routes } = routingOf(object)
    const isOwn = hosts.some(said => expandHost(said, namespace, clusterDomain) === host)
    return routes.flatMap(({ section, targets }) => targets
      .filter(target => expandHost(target.host, target.namespace, clusterDomain) === host)
      .map(({ port }) => ({ port, section, isOwn })))
  })
}
