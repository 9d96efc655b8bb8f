import { namespaceOf } from '../../../../objects/kube-object.ts'
import type { VirtualService } from '../../../../objects/virtual-service.ts'
import { anything } from '../../../../routing/match.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { once } from '../../../../view/session.ts'
import type { Client } from '../clients.ts'
import { hostsFor, type GatewayBinding, type ResolvedServer } from '../gateways.ts'
import { coveringHosts, virtualServicesByHost, virtualServicesByWildcard } from '../indexes/routing.ts'
import { hostsOf, type Application } from '../mesh.ts'
import { areAgesUnknown } from '../mesh/owners.ts'
import { ofRequest } from '../objects/match.ts'
import { routingOf, type Route } from '../objects/routes.ts'
import { hidersIn } from '../objects/shadowed.ts'
import { gatewayConnectionsOf } from './gateway-connections.ts'
import {
  commonHosts,
  gatewayHostOf,
  hostAt,
  sampleHost,
  type Entrance,
  type OwnedBlock,
} from './gateway-host.ts'

/** The route of another VirtualService that takes, at gateways, all that a route asks for. */
export interface Taker {
  readonly object: VirtualService
  readonly route: Route
  /** Where that is, `namespace/name`. */
  readonly gateway: string
  /** The Gateway by which the other route is there, where it is another one: the older Gateway comes first. */
  readonly through: string | undefined
  readonly host: string
  /** It takes every request for the host. */
  readonly isOpen: boolean
  /** Only their ages tell which of the two comes first, and nobody knows these. */
  readonly isGuess: boolean
}

/** How a VirtualService that has hosts is read. */
interface Entry {
  readonly root: VirtualService
  readonly applications: readonly Application[]
  readonly bindings: readonly GatewayBinding[]
}

/**
 * The routes that get nothing because other VirtualServices for their hosts come first: those of a gateway are
 * merged, the older first. A route that callers in the mesh have, or that gets something at one gateway, is not
 * among them.
 */
export function takenRoutes(view: ClusterView, entry: Entry): ReadonlyMap<Route, Taker> {
  const { root, applications } = entry
  const isAlone = applications.every(({ gateway }) => gateway === 'mesh') || !hasRivals(view, root)
  if (isAlone) return new Map()
  return once(view, [takenRoutes, applications], () => {
    const fates = applications.flatMap(application =>
      application.routes.map(route => ({ route, taker: takerOf(view, entry, { application, route }) })),
    )
    const kept = new Set(fates.flatMap(({ route, taker }) => (taker === undefined ? [route] : [])))
    return new Map(
      fates.flatMap(({ route, taker }) =>
        taker === undefined || kept.has(route) ? [] : [[route, taker] as const],
      ),
    )
  })
}

/** Whether a gateway's VirtualService besides this one is for one of its hosts, for more or for less of it. */
const hasRivals = (view: ClusterView, root: VirtualService): boolean =>
  hostsOf(view, root).some(
    host =>
      host.startsWith('*')
      || coveringHosts(host)
        .flatMap(key => [
          ...view.find(virtualServicesByHost, key),
          ...(key.startsWith('*') ? view.find(virtualServicesByWildcard, key) : []),
        ])
        .some(object => object !== root && routingOf(object).gateways.some(name => name !== 'mesh')),
  )

interface Applied {
  readonly application: Application
  readonly route: Route
}

/** The first that takes what a route asks for, where each host at each listener has one; undefined where one has none. */
function takerOf(view: ClusterView, entry: Entry, { application, route }: Applied): Taker | undefined {
  const { client, gateway, section } = application
  if (gateway === 'mesh') return undefined
  const takers = placesOf(view, entry, application).flatMap(place =>
    section === 'http'
      ? httpTakers(view, place, { root: entry.root, route })
      : connectionTakers(view, place, { root: entry.root, route }),
  )
  const [first] = takers
  if (first === undefined || takers.some(taker => taker === undefined)) return undefined
  const { object, through } = first
  const isOther = through !== gateway
  return {
    ...first,
    gateway,
    through: isOther ? through : undefined,
    isGuess: !isOther && areAgesUnknown(view, [object, entry.root], client.namespace),
  }
}

/** A host as a gateway's listener has it. */
interface HostPlace {
  readonly entrances: readonly Entrance[]
  readonly host: string
  /** The server that a gateway that is not in view is taken to have. */
  readonly assumed: { readonly gateway: string; readonly server: ResolvedServer } | undefined
}

function placesOf(
  view: ClusterView,
  { root, bindings }: Entry,
  { client, gateway, port, section }: Application,
): readonly HostPlace[] {
  const binding = bindings.find(({ name }) => name === gateway)
  const hosts = hostsOf(view, root)
  if (binding?.gateway === undefined || port === undefined) {
    const server = { ...assumedServer, section }
    const entrances = [{ client, port: assumedServer.port, tls: false }]
    return hosts.map(host => ({ entrances, host, assumed: { gateway, server } }))
  }
  const served = binding.servers
    .filter(server => server.port === port && server.section === section)
    .flatMap(server => commonHosts(hostsFor(server, namespaceOf(root)), hosts))
  const entrances = [false, true].map(tls => ({ client, port, tls }))
  return [...new Set(served)].map(host => ({ entrances, host, assumed: undefined }))
}

const assumedServer = {
  port: 80,
  portName: 'http',
  protocol: 'HTTP',
  hosts: ['*'],
  hasTls: false,
  redirectsToHttps: false,
  bind: '',
} as const

/** Whose route is asked for. */
interface Owned {
  readonly root: VirtualService
  readonly route: Route
}

type FoundTaker = Omit<Taker, 'gateway' | 'isGuess' | 'through'> & { readonly through: string }

/** For each entrance where an http route is, who takes its requests; undefined for one where it gets some. */
function httpTakers(
  view: ClusterView,
  { entrances, host, assumed }: HostPlace,
  { root, route }: Owned,
): readonly (FoundTaker | undefined)[] {
  return entrances.flatMap(entrance => {
    const { blocks, hiders } = tableAt(view, entrance, { host, assumed })
    const own = blocks.flatMap((block, i) =>
      block.object === root && block.route === route ? [hiders[i]] : [],
    )
    if (own.length === 0) return []
    if (own.some(hider => hider === undefined)) return [undefined]
    const other = own.find(hider => hider!.object !== root)
    return other === undefined ? [undefined] : [{ ...takenBy(other), host }]
  })
}

const takenBy = ({ object, route, condition, gateway }: OwnedBlock): Omit<FoundTaker, 'host'> => ({
  object,
  route,
  through: gateway,
  isOpen: condition === undefined || condition.isCatchAll,
})

interface MergedTable {
  readonly blocks: readonly OwnedBlock[]
  /** For each block, an earlier one that takes all that it asks for. */
  readonly hiders: readonly (OwnedBlock | undefined)[]
}

const tableAt = (
  view: ClusterView,
  entrance: Entrance,
  { host, assumed }: Pick<HostPlace, 'host' | 'assumed'>,
): MergedTable =>
  once(view, [tableAt, `${keyOfClient(entrance)} ${host} ${assumed?.gateway ?? ''}`], () => {
    const sample = sampleHost(host.toLowerCase())
    const found =
      assumed === undefined
        ? gatewayHostOf(view, entrance, sample)
        : hostAt(view, entrance, { host: sample, servers: [assumed] })
    const blocks = (found?.blocks ?? []).filter(({ unmet }) => unmet === undefined)
    const hiders = hidersIn(
      blocks.map(({ condition }) => (condition === undefined ? anything : ofRequest(condition.match))),
    )
    return { blocks, hiders: hiders.map(at => (at === undefined ? undefined : blocks[at])) }
  })

const keyOfClient = ({ client, port, tls }: { client: Client; port: number; tls: boolean }): string =>
  JSON.stringify([client.namespace, Object.entries(client.labels), port, tls])

/** The same of a tcp or tls route: the first one takes a connection, whole. */
function connectionTakers(
  view: ClusterView,
  { entrances, host, assumed }: HostPlace,
  { root, route }: Owned,
): readonly (FoundTaker | undefined)[] {
  if (assumed !== undefined) return [undefined]
  const names = route.conditions.flatMap(({ sniHosts }) => sniHosts)
  return (names.length === 0 ? [host] : names).flatMap(name =>
    entrances.flatMap(entrance => {
      const found = gatewayConnectionsOf(view, entrance, sampleHost(name.toLowerCase()))
      if (found === undefined) return []
      const { first } = found
      return first === undefined || first.object === root
        ? [undefined]
        : [{ ...takenBy({ ...first, gateway: found.gateway }), host: name }]
    }),
  )
}
