import { enumerated } from '../../objects/text/listed.ts'
import type { Kind } from '../../objects/kinds.ts'
import type { Ref } from '../../objects/kube-object.ts'
import { expandHost, serviceOfHost } from '../../objects/hosts.ts'
import { quotedName } from '../../objects/text/escaped.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import { routingOf } from '../../providers/istio/resolve/objects/routes.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { backingKinds } from '../../workloads/workload-indexes.ts'
import { formatClient } from '../../providers/istio/resolve/clients.ts'
import type { Reference } from '../../providers/istio/resolve/evaluate.ts'
import type { Diagnosis } from '../../providers/istio/read/routes/diagnoses.ts'
import type { DestinationOutcome } from '../../providers/istio/resolve/outcome.ts'
import type { Path, RestsOn, Violation } from '../rule.ts'

/** What the mesh's reading of a VirtualService looks at. */
export const routingReads: readonly Kind[] = [
  'VirtualService',
  'DestinationRule',
  'Service',
  'ServiceEntry',
  'Gateway',
  'Sidecar',
  ...backingKinds,
]

/** Without these a destination that exists would seem not to. */
export const routingNeeds: readonly Kind[] = ['VirtualService', 'DestinationRule', 'Service', 'ServiceEntry']

/**
 * What a finding about a destination is about: the same however the host is spelled and wherever the route
 * stands.
 */
export const aboutReference = ({ host, target }: Pick<Reference, 'host' | 'target'>): string =>
  `${host} ${target.subset ?? ''} ${target.port ?? ''}`

/** Where it stands; what a delegate says is shown where it is delegated from. */
export const pathOf = ({ target, route }: Reference, field: 'host' | 'subset' | 'port'): Path =>
  route.delegate !== undefined || (field === 'port' && target.port === undefined)
    ? target.place
    : [...target.place, field]

/** Where a delegate has it; nothing where it is written at `pathOf`. */
export function writtenIn(
  { target, route: { delegate } }: Reference,
  field: 'host' | 'subset' | 'port',
): Pick<Violation, 'writtenAt'> {
  const { placeInDelegate: place } = target
  if (delegate === undefined || place === undefined) return {}
  const { namespace, name } = delegate
  const path = field === 'port' && target.port === undefined ? place : [...place, field]
  return { writtenAt: { ref: { kind: 'VirtualService', namespace, name }, path } }
}

/** The VirtualService in which the route of a delegate is written, by name. */
export const ownerOf = ({ route: { delegate } }: Reference): string =>
  `VirtualService ${delegate?.namespace}/${delegate?.name}`

/** As people say it: `reviews.shop.svc.cluster.local subset v2`. */
export function nameOf({ host, target, route }: Reference): string {
  const subset = target.subset === undefined ? '' : ` subset ${quotedName(target.subset)}`
  const delegate =
    route.delegate === undefined ? '' : ` (of delegate ${route.delegate.namespace}/${route.delegate.name})`
  return `${quotedName(host)}${subset}${delegate}`
}

/** The clients concerned, the first few by name. */
export function formatClients(outcomes: readonly DestinationOutcome[]): string {
  const names = [...new Set(outcomes.map(({ client }) => formatClient(client)))]
  return enumerated(names)
}

/**
 * What must be read again before anybody is refused for a destination: the Service, and the DestinationRules
 * of all who have a say.
 */
export function groundsOf(
  view: ClusterView,
  { host, outcomes }: Pick<Reference, 'host' | 'outcomes'>,
): readonly RestsOn[] {
  const service = serviceOfHost(host, view.mesh.clusterDomain)
  const namespaces = new Set([
    service?.namespace,
    ...outcomes.map(({ provider }) => provider?.namespace),
    ...outcomes.map(({ client }) => client.namespace),
    view.mesh.rootNamespace,
  ])
  return [
    ...(service === undefined ? [] : [{ kind: 'Service', ...service } satisfies Ref]),
    ...[...namespaces]
      .filter(namespace => namespace !== undefined && !namespace.startsWith('~'))
      .map(namespace => ({ kind: 'DestinationRule' as const, namespace: namespace! })),
  ]
}

/** The ports that are there for those who miss one, and those of them that all clients could use. */
export interface PortsFor {
  readonly ports: readonly number[]
  readonly common: readonly number[]
}

/** Of a destination that lacks its port for some clients: another object may provide the host to the others. */
export function portsFor({ reference, failing }: Pick<Diagnosis, 'reference' | 'failing'>): PortsFor {
  const ports = [...new Set(failing.flatMap(portsAt))]
  return {
    ports,
    common: ports.filter(port =>
      reference.outcomes.every(outcome => outcome.provider === undefined || portsAt(outcome).includes(port)),
    ),
  }
}

const portsAt = ({ provider }: DestinationOutcome): readonly number[] =>
  provider?.ports.filter(({ protocol }) => protocol !== 'UDP').map(({ port }) => port) ?? []

/** The hosts that a VirtualService leads to, expanded. */
export const destinationHosts = (view: ClusterView, object: VirtualService): readonly string[] => [
  ...new Set(
    routingOf(object).routes.flatMap(({ targets }) =>
      targets.map(({ host, namespace }) => expandHost(host, namespace, view.mesh.clusterDomain)),
    ),
  ),
]
