import type { VirtualService } from '../../../../objects/virtual-service.ts'
import type { HostProvider, ProviderPort } from '../../resolve/objects/providers.ts'
import { hostsOf } from '../../resolve/mesh.ts'
import { routingOf } from '../../resolve/objects/routes.ts'
import { providersAt } from '../../resolve/registry.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'

/** A host without a port for HTTP, and the ports that it has. */
export interface IgnoredRoutes {
  readonly host: string
  readonly provider: HostProvider
  readonly ports: readonly ProviderPort[]
}

/**
 * The hosts of a mesh VirtualService on none of whose ports its http routes apply, where it has no routes of
 * another kind for them.
 */
export function ignoredOn(view: ClusterView, subject: VirtualService): readonly IgnoredRoutes[] {
  const { gateways, routes } = routingOf(subject)
  if (!gateways.includes('mesh') || routes.length === 0 || routes.some(({ section }) => section !== 'http'))
    return []
  return hostsOf(view, subject)
    .filter(host => !host.startsWith('*'))
    .flatMap(host => {
      const providers = providersAt(view, host)
      const ports = providers.flatMap(provider => provider.ports)
      return ports.length === 0 || ports.some(({ takesHttp }) => takesHttp)
        ? []
        : [{ host, provider: providers[0]!, ports }]
    })
}
