import { patchCommand, removeAnnotationCommand } from '../../../objects/kubectl-commands.ts'
import { refOf } from '../../../objects/kinds.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import { formatPath } from '../../../objects/paths.ts'
import type { VirtualService } from '../../../objects/virtual-service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { clientsOfHost, formatClient, anyOtherNamespace, type Client } from '../resolve/clients.ts'
import { coveringHosts } from '../resolve/indexes/routing.ts'
import { callersOutsideRoutes } from '../resolve/membership.ts'
import { hostsOf, reachOfRouting } from '../resolve/mesh.ts'
import { providerIn } from '../resolve/mesh/scope.ts'
import { scopeOf, sidecarSelectors } from '../resolve/mesh/sidecars.ts'
import { meshUse } from '../resolve/mesh/use.ts'
import { routingOf } from '../resolve/objects/routes.ts'
import { providersAt } from '../resolve/registry.ts'
import { baseRoutesOf } from './routes/base-routes.ts'
import { nameOf, type Carrier } from './routes/carriers.ts'
import { idleOf } from './routes/idle.ts'
import { cohortsAnnotation, cohortsIn, createdFor, recordIn } from './record/record.ts'
import { hostOf, listOf } from './routed-service.ts'
import type { IstioReading } from './reading.ts'

/**
 * What of the Service's traffic its routes do not take: each a sentence, with the edit that changes it where
 * there is one.
 */
export function coverageOf(reading: IstioReading): readonly string[] {
  const carriers = ownCarriers(reading)
  if (carriers.length === 0) return []
  return [...meshNotes(reading, carriers), ...carriers.flatMap(carrier => beyondHttp(reading, carrier))]
}

/**
 * The VirtualServices of the Service on which what we wrote down cannot be read: each a sentence with the
 * command that removes it.
 */
export const recordNotes = ({ carriers }: IstioReading): readonly string[] =>
  carriers
    .filter(({ object }) => recordIn(object) === undefined)
    .map(
      ({ object }) =>
        `Annotation ${cohortsAnnotation} of VirtualService ${nameOf(object)} cannot be read (unreadable-record), so its cohorts are not shown. To remove it: ${removeAnnotationCommand(refOf(object), cohortsAnnotation)}`,
    )

/** What of the Service's routes takes no requests: each a sentence with the id of the rule that says why. */
export const outOfForce = (reading: IstioReading): readonly string[] =>
  ownCarriers(reading).flatMap(carrier => [...idleNotes(reading, carrier), ...unreached(reading, carrier)])

const ownCarriers = ({ carriers }: IstioReading): readonly Carrier[] =>
  carriers.filter(({ leadsElsewhere, object }) => !leadsElsewhere && createdFor(object) === undefined)

/** A caller that no route of the Service is for, and why. */
interface Uncovered {
  readonly client: Client
  readonly because: 'not-exported' | 'not-imported' | 'other'
}

function meshNotes(reading: IstioReading, carriers: readonly Carrier[]): readonly string[] {
  const { view, service, complete } = reading
  const host = hostOf(service)
  const entries = carriers.flatMap(carrier => carrier.entries)
  // Without its root in view, nobody can tell what a delegate covers.
  if (entries.some(({ root }) => routingOf(root).hosts.length === 0)) return []
  const roots = [...new Set(entries.map(({ root }) => root))].filter(root => isForHost(view, root, host))
  if (roots.length === 0) return [withoutMesh(reading, carriers)]
  const covered = (client: Client): boolean =>
    roots.some(root => meshUse(view, root, { client, complete }).applications.some(({ isStray }) => !isStray))
  const uncovered = callersOf(reading, carriers).filter(client => !covered(client))
  const groups = Map.groupBy(
    uncovered.map(client => ({ client, because: reasonOf(view, roots, client) })),
    ({ because }) => because,
  )
  return [
    ...[...groups].flatMap(([because, found]) => uncoveredNotes(reading, { because, found, roots })),
    ...outsideNotes(reading),
  ]
}

/** Whether a VirtualService is for callers of a host in the mesh. */
const isForHost = (view: ClusterView, root: VirtualService, host: string): boolean =>
  routingOf(root).gateways.includes('mesh')
  && hostsOf(view, root).some(said => coveringHosts(host).includes(said))

/**
 * The callers in the mesh that can differ: by namespace, and by the workloads that a Sidecar of the namespace
 * selects.
 */
function callersOf({ view, service }: IstioReading, carriers: readonly Carrier[]): readonly Client[] {
  const host = hostOf(service)
  const isProvided = providersAt(view, host).length > 0
  const namespaces = [
    ...clientsOfHost(view, host).map(({ namespace }) => namespace),
    ...carriers.flatMap(({ entries }) =>
      entries.flatMap(({ evaluation }) => evaluation.sidecars.map(({ namespace }) => namespace)),
    ),
    // Whether a Sidecar imports the host is known only where the host's provider is.
    ...(isProvided ? view.list('Sidecar').map(namespaceOf) : []),
  ]
  return [...new Set(namespaces)]
    .flatMap(namespace =>
      [{}, ...sidecarSelectors(view, namespace)].map(labels => ({ namespace, labels, isGateway: false })),
    )
    .filter(client => !isProvided || providerIn(view, scopeOf(view, client), host) !== undefined)
}

function reasonOf(view: ClusterView, roots: readonly VirtualService[], client: Client): Uncovered['because'] {
  const visible = roots.filter(root => reachOfRouting(view, root, client.namespace) !== undefined)
  if (visible.length === 0) return 'not-exported'
  return scopeOf(view, client).listeners.every(({ isOpen }) => isOpen) ? 'other' : 'not-imported'
}

interface Group {
  readonly because: Uncovered['because']
  readonly found: readonly Uncovered[]
  readonly roots: readonly VirtualService[]
}

function uncoveredNotes({ service }: IstioReading, { because, found, roots }: Group): readonly string[] {
  const callers = formatCallers(found.map(({ client }) => client))
  const [root] = roots
  if (because === 'not-exported') {
    const named = found.map(({ client }) => client.namespace)
    const exportTo = named.includes(anyOtherNamespace)
      ? ['*']
      : [...new Set([...routingOf(root!).exportTo, ...named])]
    return [
      `Callers in ${callers} are not covered: VirtualService ${nameOf(root!)} is not exported to them. To include them: ${patchCommand(refOf(root!), 'merge', { spec: { exportTo } })}`,
    ]
  }
  if (because === 'not-imported') {
    return [
      `Callers in ${callers} are not covered: their Sidecar does not import VirtualService ${nameOf(root!)}. To include them, add "${routingOf(root!).namespace}/${hostOf(service)}" to spec.egress[].hosts of that Sidecar.`,
    ]
  }
  // An ignored VirtualService has a note of its own.
  return []
}

/**
 * Callers who do not follow http routes at all: those without a proxy, and in an ambient mesh those of a
 * service without a waypoint.
 */
const outsideNotes = ({ view, service }: IstioReading): readonly string[] =>
  service.host !== undefined
    ? []
    : callersOutsideRoutes(view, { serviceNamespace: service.namespace, serviceName: service.name }).map(
        ({ kind, namespaces, workloads }) => {
          const where = [
            ...(namespaces.length === 0 ? [] : [`namespace ${namespaces.join(', ')}`]),
            ...workloads.map(ref => `${ref.kind} ${ref.namespace}/${ref.name}`),
          ].join(', ')
          return kind === 'no-waypoint'
            ? `${service.name} has no waypoint: http routes have no effect for callers in the mesh (${where}).`
            : `Callers in ${where} have no sidecar: http routes have no effect for them.`
        },
      )

function formatCallers(clients: readonly Client[]): string {
  const names = [...new Set(clients.map(formatClient))]
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')
}

/**
 * No VirtualService of the Service is for callers in the mesh: the edit that makes one of them so, where its
 * hosts can be extended.
 */
function withoutMesh({ service }: IstioReading, carriers: readonly Carrier[]): string {
  const said = `Callers inside the mesh are not covered: no VirtualService for host ${service.name} applies to gateway mesh.`
  const object = carriers
    .flatMap(({ entries }) => entries.map(({ root }) => root))
    .find(root => listOf(root.spec.gateways).length > 0 && !listOf(root.spec.gateways).includes('mesh'))
  if (object === undefined) return said
  const steps = [
    { op: 'add', path: '/spec/gateways/-', value: 'mesh' },
    { op: 'add', path: '/spec/hosts/-', value: hostOf(service) },
  ]
  return `${said} To include them: ${patchCommand(refOf(object), 'json', steps)}`
}

function idleNotes({ view, complete }: IstioReading, carrier: Carrier): readonly string[] {
  const idle = idleOf(view, carrier, { complete })
  const name = `VirtualService ${nameOf(carrier.object)}`
  if (idle !== undefined) return [`${name} takes no requests: ${idle.reason} (${idle.rule}).`]
  return carrier.entries
    .flatMap(({ root, evaluation }) => evaluation.bindings.map(binding => ({ root, binding })))
    .filter(({ binding: { gateway, servers } }) => gateway !== undefined && servers.length === 0)
    .map(
      ({ root, binding }) =>
        `Gateway ${binding.name} serves no host of VirtualService ${nameOf(root)}: nothing reaches that route from outside (unknown-gateway).`,
    )
}

/**
 * Connections carry no headers: said of a VirtualService that routes the Service by tcp or tls alone, and of
 * one that has cohorts beside.
 */
function beyondHttp({ view, service }: IstioReading, carrier: Carrier): readonly string[] {
  const sections = new Set(baseRoutesOf(view, carrier, service).map(({ section }) => section))
  const lists = (['tcp', 'tls'] as const).filter(section => sections.has(section)).join(' and ')
  const isMixed = sections.has('http')
  if (lists === '' || (isMixed && cohortsIn(carrier.object, service).length === 0)) return []
  return [
    `VirtualService ${nameOf(carrier.object)} routes ${service.name} by ${lists}${isMixed ? ', too' : ''}, where requests cannot be told apart: cohorts do not apply there.`,
  ]
}

/** Routes to the Service that no request reaches, in a VirtualService that is in force. */
function unreached({ view, service }: IstioReading, carrier: Carrier): readonly string[] {
  if (carrier.entries.every(({ evaluation }) => evaluation.applications.length === 0)) return []
  return baseRoutesOf(view, carrier, service)
    .filter(({ section, isReached }) => section === 'http' && !isReached)
    .map(
      ({ section, index }) =>
        `No request reaches VirtualService ${nameOf(carrier.object)} ${formatPath(['spec', section, index])} (unreachable-route).`,
    )
}
