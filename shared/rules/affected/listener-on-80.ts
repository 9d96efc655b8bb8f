import type { ClusterView } from '../../view/cluster-view.ts'
import {
  listenersOf,
  serviceEntriesByListener,
  servicesByListener,
} from '../../providers/istio/resolve/indexes/providers.ts'
import {
  providerOfEntry,
  providerOfService,
  type HostProvider,
} from '../../providers/istio/resolve/objects/providers.ts'
import { reachOf } from '../../providers/istio/resolve/visibility.ts'

/**
 * Whether some sidecars listen on port 80 only because of this one: then routes for hosts that nothing
 * provides come and go with it.
 */
export function flipsListenerOn80(view: ClusterView, provider: HostProvider): boolean {
  if (!listenersOf(provider).includes(80)) return false
  const isForAll = (other: HostProvider): boolean =>
    !isSame(other, provider) && reachOf(other, '', view.mesh.defaultExportTo.service) === 2
  // One that all see is as a rule found nearby, and the rest need not be looked through.
  return ![`80/${provider.namespace}`, '80'].some(
    key =>
      view.find(servicesByListener, key).some(service => isForAll(providerOfService(service)))
      || view.find(serviceEntriesByListener, key).some(entry => isForAll(providerOfEntry(entry))),
  )
}

const isSame = ({ ref }: HostProvider, other: HostProvider): boolean =>
  ref.kind === other.ref.kind && ref.namespace === other.ref.namespace && ref.name === other.ref.name
