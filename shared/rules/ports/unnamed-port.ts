import { refOf } from '../../objects/kinds.ts'
import { namespaceOf } from '../../objects/kube-object.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { hostOfService } from '../../providers/istio/resolve/objects/providers.ts'
import type { RouteSection } from '../../providers/istio/resolve/objects/routes.ts'
import { fieldsOf, itemsOf, numberOf, textOf } from '../../objects/unchecked.ts'
import { likelyProtocol } from '../../workloads/mesh/likely-protocol.ts'
import { protocolOf, type PortNaming, type ProtocolOfPort } from '../../workloads/mesh/port-protocol.ts'
import { patchCommand } from '../../objects/text/kubectl-commands.ts'
import { routingNeeds, routingReads } from '../facts/destinations.ts'
import { leadingReferences } from '../facts/leading-references.ts'
import type { AskedBy, Rule, RuleSettings } from '../rule.ts'

interface Address {
  readonly askedBy: AskedBy
  readonly section: RouteSection
  /** Whether it can only be this port of the Service. */
  readonly names: (port: number) => boolean
  /** Whether it is this port as well: left out, it is any by which requests come in. */
  readonly includes: (port: number) => boolean
}

const sections: readonly RouteSection[] = ['http', 'tcp', 'tls']

type Fields = Readonly<Record<string, unknown>>

/**
 * Istio then guesses the protocol from the first bytes, and on some ports takes it to be TCP, where http
 * routes are ignored.
 */
export const unnamedPort: Rule<'Service'> = {
  id: 'unnamed-port',
  severity: { webhook: 'error', lint: 'warning' },
  summary:
    'A Service port that a route sends requests to declares its protocol, '
    + 'in its name (`http`, `grpc-web`, `tcp-…`) or in appProtocol.',
  fix: 'Start the name of the port with its protocol, or set appProtocol.',
  subject: 'Service',
  reads: routingReads,
  needs: routingNeeds,
  *check(view, subject, settings) {
    const ports = itemsOf(fieldsOf(subject.spec)['ports']).map(fieldsOf)
    const unnamed = ports.flatMap((fields, i) =>
      saysProtocol(fields) ? [] : [{ i, fields, port: numberOf(fields['port'])! }],
    )
    if (unnamed.length === 0) return
    const host = hostOfService(subject, view.mesh.clusterDomain)
    const addresses = addressesOf(
      { view, host, settings, unusedIn: namespaceOf(subject) },
      ports.length === 1,
    )
    const carried = new Set(sections.filter(section => ports.some(other => carries(other, section))))
    for (const { i, fields, port } of unnamed) {
      const naming = addresses.filter(candidate => candidate.names(port))
      const asking =
        naming.length > 0
          ? naming
          : addresses.filter(({ section, includes }) => includes(port) && isOn(fields, section))
      const [address] = asking
      if (address === undefined) continue
      const namespaces = [...new Set(asking.map(({ askedBy }) => askedBy.route))].toSorted()
      const isOwn = namespaces.includes(namespaceOf(subject))
      const said = [textOf(fields['appProtocol']), textOf(fields['name'])].find(text => text !== undefined)
      const others = ports.filter(other => other !== fields)
      const value =
        naming.length === 0 && address.section === 'http' && others.some(mayCarryHttp)
          ? likelyProtocol(fields)
          : address.section
      yield {
        path: ['spec', 'ports', i],
        message:
          `port ${port} of ${host} is used by a route and does not declare its protocol`
          + (said === undefined ? '' : `: ${said} is not a protocol`),
        about: `${host}:${port}${isOwn ? '' : ` for ${namespaces.join()}`}`,
        askedBy: namespaces.map(route => ({ route })),
        // Nobody names it, and the requests have another way in: as a rule it is a port beside, as that of
        // the metrics.
        ...(naming.length === 0 && carried.has(address.section)
          ? { severity: { webhook: 'warning' as const, lint: 'warning' as const } }
          : {}),
        fix: patchCommand(refOf(subject), 'json', [
          { op: 'add', path: `/spec/ports/${i}/appProtocol`, value },
        ]),
        sets: { ref: refOf(subject), path: ['spec', 'ports', i, 'appProtocol'], value },
        tells: [],
        restsOn: namespaces.map(namespace => ({ kind: 'VirtualService' as const, namespace })),
      }
    }
  },
}

/**
 * Whether the protocol is told by more than the number; a port without a number is for the schema to refuse.
 */
const saysProtocol = (fields: Fields): boolean =>
  numberOf(fields['port']) === undefined || !saidBy(fields).autoDetected

/** Whether a port says that it speaks what the routes of a section are for. */
const carries = (fields: Fields, section: RouteSection): boolean =>
  !saidBy(fields).autoDetected && (section !== 'http' || saidBy(fields).httpRoutesApply)

/** On some numbers an undeclared port is treated as TCP: an http route that names no port is not there. */
const isOn = (fields: Fields, section: RouteSection): boolean =>
  section !== 'http' || protocolOf(namingOf(fields, numberOf(fields['port'])!)).httpRoutesApply

/** Whether the requests of an http route have this port to come in by. */
const mayCarryHttp = (fields: Fields): boolean =>
  saysProtocol(fields) ? carries(fields, 'http') : ['http', 'grpc'].includes(likelyProtocol(fields))

const saidBy = (fields: Fields): ProtocolOfPort => protocolOf(namingOf(fields, 1))

const namingOf = (fields: Fields, port: number): PortNaming => ({
  name: textOf(fields['name']),
  appProtocol: textOf(fields['appProtocol']),
  protocol: textOf(fields['protocol']),
  port,
})

function addressesOf(
  {
    view,
    host,
    settings,
    unusedIn,
  }: {
    readonly view: ClusterView
    readonly host: string
    readonly settings: RuleSettings
    readonly unusedIn: string
  },
  isOnly: boolean,
): readonly Address[] {
  return leadingReferences(view, host, { ...settings, unusedIn }).map(({ reference, namespace, hosts }) => {
    const { section, conditions } = reference.route
    const said = reference.target.port
    const isOwn = hosts.some(each => each === host)
    return {
      section,
      askedBy: { route: namespace },
      names: port =>
        said === port
        || (said === undefined
          && (isOnly
            || (isOwn && conditions.length > 0 && conditions.every(condition => condition.port === port)))),
      includes: port =>
        said === undefined
        && isOwn
        && (conditions.length === 0 || conditions.some(condition => (condition.port ?? port) === port)),
    }
  })
}
