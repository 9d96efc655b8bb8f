import type { Gateway } from '../../../objects/istio.ts'
import { namespaceOf, type Labels } from '../../../objects/kube-object.ts'
import type { VirtualService } from '../../../objects/virtual-service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { hostsMeet } from './indexes/routing.ts'
import { routingOf, type Route, type RouteSection } from './objects/routes.ts'
import {
  derivedOnce,
  fieldsOf,
  isFields,
  itemsOf,
  labelsOf,
  numberOf,
  textOf,
  textsOf,
} from '../../../objects/unchecked.ts'
import { once } from '../../../view/session.ts'
import type { Client } from './clients.ts'
import { delegatedRoutes } from './delegates.ts'
import { backingsOf } from '../../../workloads/backings.ts'
import { hostsOf, httpRoutes, meetsL4, reachOfRouting, type Application, type Listener } from './mesh.ts'
import { parseProtocol, type PortProtocol } from '../../../workloads/mesh/port-protocol.ts'

/** A server of a gateway. */
export interface ResolvedServer {
  readonly port: number | undefined
  readonly portName: string
  readonly protocol: PortProtocol
  /** `namespace/host` where it is for the VirtualServices of one namespace. */
  readonly hosts: readonly string[]
  readonly section: RouteSection
  /** It says something of TLS: it ends it, passes it on, or redirects to it. */
  readonly hasTls: boolean
  readonly redirectsToHttps: boolean
  readonly bind: string
}
interface GatewayReading {
  readonly namespace: string
  readonly selector: Labels
  readonly servers: readonly ResolvedServer[]
}

export const gatewayReadingOf: (gateway: Gateway) => GatewayReading = derivedOnce(gateway => {
  const spec = fieldsOf(gateway.spec)
  return {
    namespace: namespaceOf(gateway),
    selector: labelsOf(spec['selector']),
    servers: itemsOf(spec['servers']).map(item => {
      const { port, hosts, tls, bind } = fieldsOf(item)
      const protocol = parseProtocol(textOf(fieldsOf(port)['protocol']) ?? '')
      return {
        port: numberOf(fieldsOf(port)['number']),
        portName: textOf(fieldsOf(port)['name']) ?? '',
        protocol,
        hosts: keptHosts(textsOf(hosts), namespaceOf(gateway)),
        section: sectionOf(protocol, textOf(fieldsOf(tls)['mode'])),
        hasTls: isFields(tls),
        redirectsToHttps: fieldsOf(tls)['httpsRedirect'] === true,
        bind: textOf(bind) ?? '',
      }
    }),
  }
})

/**
 * A server's hosts as Istio keeps them (sanitizeServerHostNamespace): without a namespace that is any, and
 * one for all of any namespace alone.
 */
const keptHosts = (hosts: readonly string[], namespace: string): readonly string[] =>
  hosts.includes('*/*')
    ? ['*']
    : hosts.map(host => host.replace(/^\*\//, '').replace(/^\.\//, () => `${namespace}/`))

/** A server's hosts as far as they are for VirtualServices of a namespace (NamesForNamespace). */
export const hostsFor = ({ hosts }: ResolvedServer, namespace: string): readonly string[] =>
  hosts.flatMap(said => {
    const slash = said.indexOf('/')
    return slash < 0 || said.slice(0, slash) === namespace ? [said.slice(slash + 1)] : []
  })

/**
 * Which routes a server takes: http where it reads requests, tls where it passes encrypted connections on,
 * tcp elsewhere.
 */
function sectionOf(protocol: PortProtocol, mode: string | undefined): RouteSection {
  const passesOn = mode === 'PASSTHROUGH' || mode === 'AUTO_PASSTHROUGH'
  if (protocol === 'HTTPS') return passesOn ? 'tls' : 'http'
  if (protocol === 'TLS') return passesOn ? 'tls' : 'tcp'
  return isHttp(protocol) ? 'http' : 'tcp'
}

/** Whether a gateway reads requests on a port of this protocol (Instance.IsHTTP). */
export const isHttp = (protocol: PortProtocol): boolean =>
  ['HTTP', 'HTTP2', 'GRPC', 'GRPC-Web', 'HTTP_PROXY'].includes(protocol)

/** How one gateway that a VirtualService names is resolved. */
export interface GatewayBinding {
  readonly name: string
  readonly gateway: Gateway | undefined
  /** The servers that cover a host of it. */
  readonly servers: readonly ResolvedServer[]
}

/** The gateways of a VirtualService, the mesh left out. */
export function bindingsOf(view: ClusterView, object: VirtualService): readonly GatewayBinding[] {
  const { gateways, namespace } = routingOf(object)
  const hosts = hostsOf(view, object)
  return [...new Set(gateways)]
    .filter(name => name !== 'mesh')
    .map(name => {
      const gateway = gatewayAt(view, name)
      const servers = gateway === undefined ? [] : gatewayReadingOf(gateway).servers
      const covers = (server: ResolvedServer): boolean =>
        hostsFor(server, namespace).some(said => hosts.some(host => hostsMeet(said, host)))
      return { name, gateway, servers: servers.filter(covers) }
    })
}

/** Routes of kinds that a gateway does not read for the hosts of their VirtualService. */
export interface UnreadRoutes {
  readonly written: readonly RouteSection[]
  readonly read: readonly RouteSection[]
  readonly ports: readonly number[]
}

/** The routes that are for a gateway, where none of its servers for their hosts takes any of their kind. */
export function unreadBy(
  { name, servers }: GatewayBinding,
  routes: readonly Route[],
): UnreadRoutes | undefined {
  const own = routes.filter(
    ({ conditions }) =>
      conditions.length === 0
      || conditions.some(({ gateways }) => gateways.length === 0 || gateways.includes(name)),
  )
  const written = [...new Set(own.map(({ section }) => section))]
  const read = [...new Set(servers.map(({ section }) => section))]
  return written.length === 0 || read.length === 0 || written.some(section => read.includes(section))
    ? undefined
    : { written, read, ports: [...new Set(servers.flatMap(({ port }) => port ?? []))] }
}

/** A gateway by its `namespace/name`. */
export function gatewayAt(view: ClusterView, name: string): Gateway | undefined {
  const slash = name.indexOf('/')
  return view.get({ kind: 'Gateway', namespace: name.slice(0, slash), name: name.slice(slash + 1) })
}

/**
 * The proxies of a gateway: its workloads wherever they run; where none is in view, its own namespace and
 * selector stand for them. One without a
 * selector is for the proxies of all gateways, and for those beside it.
 */
export function gatewayClients(view: ClusterView, name: string): readonly Client[] {
  return once(view, [gatewayClients, name], () => {
    const gateway = gatewayAt(view, name)
    if (gateway === undefined)
      return [{ namespace: name.slice(0, name.indexOf('/')), labels: {}, isGateway: true }]
    const { selector, namespace } = gatewayReadingOf(gateway)
    const found =
      Object.keys(selector).length === 0
        ? [
            { namespace, labels: {}, isGateway: true },
            ...view.list('Gateway').flatMap(other => proxiesOf(view, gatewayReadingOf(other).selector)),
          ]
        : proxiesOf(view, selector)
    const distinct = new Map(found.map(client => [JSON.stringify(client), client]))
    return distinct.size > 0 ? [...distinct.values()] : [{ namespace, labels: selector, isGateway: true }]
  })
}

const proxiesOf = (view: ClusterView, selector: Labels): readonly Client[] =>
  backingsOf(view, selector, '').flatMap(({ object, labels }) =>
    object === undefined ? [] : [{ namespace: namespaceOf(object), labels, isGateway: true }],
  )

/** Whether a gateway's proxy with these labels is one of the gateway. */
export function isProxyOf(view: ClusterView, name: string, labels: Labels): boolean {
  const gateway = gatewayAt(view, name)
  return (
    gateway !== undefined
    && Object.entries(gatewayReadingOf(gateway).selector).every(([key, value]) => labels[key] === value)
  )
}

/**
 * Where a VirtualService applies in the proxies of its gateways; all VirtualServices of a gateway are merged.
 * A Gateway that is not in view is
 * taken to be elsewhere and to fit, unless the input is the whole world (`complete`).
 */
export function gatewayUse(
  view: ClusterView,
  object: VirtualService,
  { client, binding, complete }: GatewayAsking,
): readonly Application[] {
  const { name, gateway, servers } = binding
  if (reachOfRouting(view, object, client.namespace) === undefined) return []
  const { routes } = delegatedRoutes(view, object)
  const sections: readonly RouteSection[] = ['http', 'tcp', 'tls']
  const isElsewhere = gateway === undefined && (!complete || view.unread.has('Gateway'))
  const assumed = isElsewhere ? sections.map(section => ({ section, port: undefined })) : []
  return [...servers, ...assumed].flatMap(({ section, port }) => {
    const listener = { client, gateway: name, port }
    const found =
      section === 'http'
        ? httpRoutes(routes, listener)
        : l4Routes(
            routes.filter(route => route.section === section),
            listener,
          )
    return found.length === 0
      ? []
      : [
          {
            ...listener,
            section,
            isStray: false,
            routes: section === 'tcp' && port !== undefined ? found.slice(0, 1) : found,
          },
        ]
  })
}

/** The tcp or tls routes that a server takes: a name that an earlier one has is not given twice. */
function l4Routes(routes: readonly Route[], listener: Listener): readonly Route[] {
  const taken = new Set<string>()
  return routes.filter(({ section, conditions }) => {
    const met = conditions.filter(condition =>
      meetsL4({ ...condition, sourceLabels: {}, sourceNamespace: undefined }, listener),
    )
    const fresh = met.filter(({ sniHosts }) => {
      const isFresh = !sniHosts.some(host => taken.has(host))
      if (isFresh) for (const host of sniHosts) taken.add(host)
      return isFresh
    })
    return fresh.length > 0 || (section === 'tcp' && conditions.length === 0)
  })
}

export interface GatewayAsking {
  readonly client: Client
  readonly binding: GatewayBinding
  readonly complete: boolean
}
