import type { Gateway, GatewayServer } from '../../../shared/objects/istio.ts'
import { namespaceOf, type KubeObject } from '../../../shared/objects/kube-object.ts'
import type { Client } from './client.ts'
import { intersection } from './hosts.ts'
import { httpRoutesOf, type EnvoyRoute } from './http-routes.ts'
import { isCatchAll } from './route-match.ts'
import { byAge, virtualServicesFor } from './virtual-services.ts'

/** The virtual hosts of a gateway's port (`buildGatewayHTTPRouteConfig` in pilot/pkg/networking/core/gateway.go): VirtualServices for one host are merged, and what takes everything comes last. */
export function gatewayHosts(objects: readonly KubeObject[], client: Client): readonly object[] {
  const routesOf = new Map<string, readonly EnvoyRoute[]>()
  for (const { gateway, server } of serversOf(objects, client)) {
    const name = `${namespaceOf(gateway)}/${gateway.metadata.name}`
    for (const owner of virtualServicesFor(objects, name, client.namespace)) {
      const routes = httpRoutesOf(owner, { ...client, gateway: name })
      if (routes.length === 0) continue
      const offered = offeredTo(namespaceOf(owner), server, namespaceOf(gateway))
      for (const host of intersection(offered, owner.spec.hosts ?? []).map(name => name.toLowerCase())) {
        routesOf.set(host, [...(routesOf.get(host) ?? []), ...routes])
      }
    }
  }
  return [...routesOf].map(([host, routes]) => ({
    name: host,
    domains: [host],
    routes: [
      ...routes.filter(({ match }) => !isCatchAll(match)),
      ...routes.filter(({ match }) => isCatchAll(match)),
    ],
  }))
}

function serversOf(
  objects: readonly KubeObject[],
  { labels, port, isTls }: Client,
): readonly { readonly gateway: Gateway; readonly server: GatewayServer }[] {
  const gateways = objects.filter((object): object is Gateway => object.kind === 'Gateway')
  const selected = gateways.filter(({ spec }) =>
    Object.entries(spec.selector ?? {}).every(([key, value]) => labels[key] === value),
  )
  return byAge(selected).flatMap(gateway =>
    (gateway.spec.servers ?? [])
      .filter(server => server.port?.number === port && (server.tls !== undefined) === isTls)
      .map(server => ({ gateway, server })),
  )
}

// A host may name the namespace of the VirtualServices that it is for: `namespace/host`, `./host`, `*/host`.
function offeredTo(namespace: string, { hosts = [] }: GatewayServer, own: string): readonly string[] {
  return hosts.flatMap(host => {
    const [scope, name] = host.includes('/') ? host.split('/') : ['*', host]
    return scope === '*' || (scope === '.' ? own : scope) === namespace ? [name!] : []
  })
}
