import { patchCommand } from '../../../objects/text/kubectl-commands.ts'
import { refOf } from '../../../objects/kinds.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import { formatPath } from '../../../objects/paths.ts'
import type { VirtualService } from '../../../objects/virtual-service.ts'
import type { Note } from '../../../routing/note.ts'
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
import { getsRequests, type Carrier } from './routes/carriers.ts'
import { idleOf } from './routes/idle.ts'
import { cohortsIn } from '../../../routing/record/record.ts'
import { createdFor } from './record/record.ts'
import { withoutMesh } from './routes/mesh-cover.ts'
import { hostOf } from './routed-service.ts'
import type { IstioReading } from './reading.ts'

/**
 * What of the Service's traffic its routes do not take: each a sentence, with the edit that changes it where
 * there is one.
 */
export function coverageOf(reading: IstioReading): readonly Note[] {
  const carriers = ownCarriers(reading)
  if (carriers.length === 0) return []
  return [...meshNotes(reading, carriers), ...carriers.flatMap(carrier => beyondHttp(reading, carrier))]
}

/** What of the Service's routes takes no requests: each a sentence with the id of the rule that says why. */
export const outOfForce = (reading: IstioReading): readonly Note[] =>
  ownCarriers(reading).flatMap(carrier => [...idleNotes(reading, carrier), ...unreached(reading, carrier)])

const ownCarriers = ({ carriers }: IstioReading): readonly Carrier[] =>
  carriers.filter(({ leadsElsewhere, object }) => !leadsElsewhere && createdFor(object) === undefined)

/** A caller that no route of the Service is for, and why. */
interface Uncovered {
  readonly client: Client
  readonly because: 'not-exported' | 'not-imported' | 'other'
}

function meshNotes(reading: IstioReading, carriers: readonly Carrier[]): readonly Note[] {
  const { view, service, complete } = reading
  const host = hostOf(service)
  const entries = carriers.flatMap(carrier => carrier.entries)
  // Without its root in view, nobody can tell what a delegate covers.
  if (entries.some(({ root }) => routingOf(root).hosts.length === 0)) return []
  // One that leads to other Services is for these callers as well: none of them is without a route.
  const elsewhere = [
    ...reading.carriers.filter(one => one.leadsElsewhere),
    ...reading.wildcardCarriers,
  ].flatMap(one => one.entries)
  const roots = [...new Set([...entries, ...elsewhere].map(({ root }) => root))].filter(root =>
    isForHost(view, root, host),
  )
  if (roots.length === 0)
    return mayBeAsked(reading) ? [withoutMesh(reading, carriers, callersOf(reading, carriers))] : []
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

/** Whether callers in the mesh can ask for the service: not by a name that only its versions have in common. */
const mayBeAsked = ({ view, service }: IstioReading): boolean =>
  service.hosts === undefined || providersAt(view, hostOf(service)).length > 0

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

function uncoveredNotes({ service }: IstioReading, { because, found, roots }: Group): readonly Note[] {
  const callers = [...new Set(found.map(({ client }) => formatClient(client)))]
  const [root] = roots
  if (because === 'not-exported') {
    const named = found.map(({ client }) => client.namespace)
    const exportTo = named.includes(anyOtherNamespace)
      ? ['*']
      : [...new Set([...routingOf(root!).exportTo, ...named])]
    const fix = patchCommand(refOf(root!), 'merge', { spec: { exportTo } })
    const edit = `set its spec.exportTo to ${JSON.stringify(exportTo)}`
    return [{ kind: 'not-exported', callers, object: refOf(root!), fix, edit }]
  }
  if (because === 'not-imported') {
    const entry = `${routingOf(root!).namespace}/${hostOf(service)}`
    return [{ kind: 'not-imported', callers, object: refOf(root!), entry }]
  }
  // An ignored VirtualService has a note of its own.
  return []
}

/**
 * Callers who do not follow http routes at all: those without a proxy, and in an ambient mesh those of a
 * service without a waypoint.
 */
const outsideNotes = ({ view, service }: IstioReading): readonly Note[] =>
  service.host !== undefined
    ? []
    : callersOutsideRoutes(view, { serviceNamespace: service.namespace, serviceName: service.name }).map(
        ({ kind, namespaces, workloads }): Note => ({
          kind,
          service: service.name,
          namespaces,
          workloads,
        }),
      )

function idleNotes({ view, complete }: IstioReading, carrier: Carrier): readonly Note[] {
  const idle = idleOf(view, carrier, { complete })
  if (idle !== undefined) return [{ kind: 'idle', object: refOf(carrier.object), ...idle }]
  return carrier.entries
    .flatMap(({ root, evaluation }) => evaluation.bindings.map(binding => ({ root, binding })))
    .filter(({ binding: { gateway, servers } }) => gateway !== undefined && servers.length === 0)
    .map(({ root, binding }): Note => ({
      kind: 'gateway-serves-no-host',
      gateway: binding.name,
      object: refOf(root),
    }))
}

/**
 * Connections carry no headers: said of a VirtualService that routes the Service by tcp or tls alone, and of
 * one that has cohorts beside.
 */
function beyondHttp({ view, service }: IstioReading, carrier: Carrier): readonly Note[] {
  const sections = new Set(baseRoutesOf(view, carrier, service).map(({ section }) => section))
  const others = (['tcp', 'tls'] as const).filter(section => sections.has(section))
  const isMixed = sections.has('http')
  if (others.length === 0 || (isMixed && cohortsIn(carrier.object, service).length === 0)) return []
  return [
    { kind: 'not-http', object: refOf(carrier.object), service: service.name, sections: others, isMixed },
  ]
}

/** Routes to the Service that no request reaches, in a VirtualService that is in effect. */
function unreached({ view, service }: IstioReading, carrier: Carrier): readonly Note[] {
  if (carrier.entries.every(({ evaluation }) => evaluation.applications.length === 0)) return []
  return baseRoutesOf(view, carrier, service)
    .filter(base => base.section === 'http' && !getsRequests(base))
    .map(({ section, index }): Note => ({
      kind: 'route-not-reached',
      object: refOf(carrier.object),
      place: formatPath(['spec', section, index]),
    }))
}
