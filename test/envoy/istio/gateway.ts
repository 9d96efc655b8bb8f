import type { Gateway, GatewayServer } from '../../../shared/objects/istio.ts'
import { namespaceOf, type KubeObject } from '../../../shared/objects/kube-object.ts'
import type { Client } from './client.ts'
import { intersection } from './hosts.ts'
import { httpRoutesOf, type EnvoyRoute } from './http-routes.ts'
import { isCatchAll } from './route-match.ts'
import { byAge, virtualServicesFor } from './virtual-services.ts'

interface VirtualHost {
  readonly routes: readonly EnvoyRoute[]
  readonly sendsToHttps: boolean
}

/** The virtual hosts of a gateway's port (`buildGatewayHTTPRouteConfig` in pilot/pkg/networking/core/gateway.go): VirtualServices for one host are merged, and what takes everything comes last. */
export function gatewayHosts(objects: readonly KubeObject[], client: Client): readonly object[] {
  const hosts = new Map<string, VirtualHost>()
  const add = (host: string, { routes, sendsToHttps }: VirtualHost) => {
    const known = hosts.get(host)
    hosts.set(host, {
      routes: [...(known?.routes ?? []), ...routes],
      sendsToHttps: sendsToHttps || known?.sendsToHttps === true,
    })
  }
  for (const offer of offersFor(objects, client)) {
    const sendsToHttps = offer.server.tls?.httpsRedirect === true
    for (const { host, routes } of routedBy(offer, { objects, client })) add(host, { routes, sendsToHttps })
    if (sendsToHttps) for (const host of offer.hosts) add(host.toLowerCase(), { routes: [], sendsToHttps })
  }
  return [...hosts].map(([host, { routes, sendsToHttps }]) => ({
    name: host,
    domains: [host],
    require_tls: sendsToHttps ? 'ALL' : 'NONE',
    routes: [
      ...routes.filter(({ match }) => !isCatchAll(match)),
      ...routes.filter(({ match }) => isCatchAll(match)),
    ],
  }))
}

interface Asked {
  readonly objects: readonly KubeObject[]
  readonly client: Client
}

function routedBy(
  { gateway, hosts }: Offer,
  { objects, client }: Asked,
): readonly { readonly host: string; readonly routes: readonly EnvoyRoute[] }[] {
  const name = `${namespaceOf(gateway)}/${gateway.metadata.name}`
  return virtualServicesFor(objects, name, client.namespace).flatMap(owner => {
    const routes = httpRoutesOf(owner, { ...client, gateway: name })
    if (routes.length === 0) return []
    const own = hosts.filter(host => isFor(host, namespaceOf(owner))).map(nameIn)
    return intersection(own, owner.spec.hosts ?? []).map(host => ({ host: host.toLowerCase(), routes }))
  })
}

type Server = GatewayServer & { readonly tls?: { readonly httpsRedirect?: boolean } }

interface Offer {
  readonly gateway: Gateway
  readonly server: Server
  readonly hosts: readonly string[]
}

// Of servers that say something of TLS, those with a host that an earlier one has are left out (`mergeGateways`).
function offersFor(objects: readonly KubeObject[], { labels, port, isTls }: Client): readonly Offer[] {
  const gateways = objects.filter((object): object is Gateway => object.kind === 'Gateway')
  const selected = gateways.filter(({ spec }) =>
    Object.entries(spec.selector ?? {}).every(([key, value]) => labels[key] === value),
  )
  const offers = byAge(selected).flatMap(gateway =>
    (gateway.spec.servers ?? [])
      .filter(server => server.port?.number === port && (server.port.protocol === 'HTTPS') === isTls)
      .map(server => ({ gateway, server, hosts: hostsOf(server, namespaceOf(gateway)) })),
  )
  const taken = new Set<string>()
  return offers.filter(({ server, hosts }) => {
    if (server.tls === undefined) return true
    if (hosts.some(host => taken.has(host))) return false
    for (const host of hosts) taken.add(host)
    return true
  })
}

// A host may name the namespace of the VirtualServices that it is for: `namespace/host`, `./host`, `*/host` (`sanitizeServerHostNamespace`).
function hostsOf({ hosts = [] }: Server, namespace: string): readonly string[] {
  if (hosts.includes('*/*')) return ['*']
  return hosts.map(host => host.replace(/^\.\//, `${namespace}/`).replace(/^\*\//, ''))
}

const isFor = (host: string, namespace: string): boolean =>
  !host.includes('/') || host.startsWith(`${namespace}/`)

const nameIn = (host: string): string => host.slice(host.indexOf('/') + 1)
