import type { VirtualService } from '../../../../objects/virtual-service.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { sidecarClients, type Client } from '../clients.ts'
import { delegatedRoutes } from '../delegates.ts'
import { coveringHosts, virtualServicesByWildcard } from '../indexes/routing.ts'
import { httpRoutes } from '../mesh.ts'
import { providersAt } from '../registry.ts'
import { ownerByWildcard } from './owners.ts'
import { portOn } from './scope.ts'
import { listenerFor, scopeOf } from './sidecars.ts'

/** The VirtualServices whose http routes some callers of a host in the mesh follow because a wildcard covers it. */
export function wildcardOwners(view: ClusterView, host: string): readonly VirtualService[] {
  const found = coveringHosts(host)
    .filter(key => key.startsWith('*'))
    .flatMap(key => view.find(virtualServicesByWildcard, key))
  if (found.length === 0) return []
  const ports = [
    ...new Set(providersAt(view, host).flatMap(provider => provider.ports.map(({ port }) => port))),
  ]
  return [...new Set(found)].filter(object => {
    const { routes } = delegatedRoutes(view, object)
    const clients = sidecarClients(view, object, routes)
    return clients.some(client =>
      ports.some(port => {
        const isOwner = owns(view, object, { client, host, port })
        return isOwner && httpRoutes(routes, { client, gateway: 'mesh', port }).length > 0
      }),
    )
  })
}

interface AskedPort {
  readonly client: Client
  readonly host: string
  readonly port: number
}

/** Whether a client's proxy takes a VirtualService for that of a host on a port, if it has http routes there. */
function owns(view: ClusterView, object: VirtualService, { client, host, port }: AskedPort): boolean {
  const scope = scopeOf(view, client)
  const listener = listenerFor(scope, port)
  if (listener === undefined) return false
  const within = { scope, listener }
  return (
    portOn(view, within, { host, port })?.on.takesHttp === true
    && ownerByWildcard(view, within, host) === object
  )
}
