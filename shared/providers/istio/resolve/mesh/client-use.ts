import { expandHost } from '../../../../objects/hosts.ts'
import type { VirtualService } from '../../../../objects/virtual-service.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import type { Client } from '../clients.ts'
import { bindingsOf, gatewayClients, gatewayUse } from '../gateways.ts'
import { hostsOf, type Application, type LostHost } from '../mesh.ts'
import { meshUse } from './use.ts'
import type { Route, RouteTarget } from '../objects/routes.ts'
import { outcomeOf, type Completeness, type DestinationOutcome } from '../outcome.ts'

/** One destination that gets requests of a client, and what the client's proxy finds there. */
export interface ClientReference {
  readonly route: Route
  readonly target: RouteTarget
  /** Expanded. */
  readonly host: string
  readonly outcome: DestinationOutcome
}

/** What a VirtualService does in one client's proxy. */
export interface ClientUse {
  /** Whether it has routes there. */
  readonly isInForce: boolean
  readonly references: readonly ClientReference[]
  /** The hosts for which another VirtualService has the routes there. */
  readonly lost: readonly LostHost[]
}

export interface ClientAsking extends Completeness {
  readonly client: Client
}

/** Reads a VirtualService as one client does, be it one that {@link evaluate} takes together with others. */
export function useBy(view: ClusterView, object: VirtualService, asking: ClientAsking): ClientUse {
  const { applications, lost } = usesIn(view, object, asking)
  const references = applications.flatMap(asker => {
    const outcomes = new Map<string, DestinationOutcome>()
    return asker.routes
      .flatMap(route => route.targets.map(target => ({ route, target })))
      .filter(({ target }) => target.hasShare)
      .map(({ route, target }) => {
        const host = expandHost(target.host, target.namespace, view.mesh.clusterDomain)
        // Many routes lead to the same few destinations.
        const key = JSON.stringify([host, target.namespace, target.subset, target.port])
        const outcome =
          outcomes.get(key) ?? outcomeOf(view, { target, host, asker, complete: asking.complete })
        outcomes.set(key, outcome)
        return { route, target, host, outcome }
      })
  })
  return { isInForce: applications.length > 0, references, lost }
}

function usesIn(
  view: ClusterView,
  object: VirtualService,
  asking: ClientAsking,
): { readonly applications: readonly Application[]; readonly lost: readonly LostHost[] } {
  if (hostsOf(view, object).length === 0) return { applications: [], lost: [] }
  if (!asking.client.isGateway) {
    const { applications, lost } = meshUse(view, object, asking)
    return { applications: applications.filter(({ isStray }) => !isStray), lost }
  }
  const key = JSON.stringify(asking.client)
  const applications = bindingsOf(view, object)
    .filter(({ name }) => gatewayClients(view, name).some(client => JSON.stringify(client) === key))
    .flatMap(binding => gatewayUse(view, object, { ...asking, binding }))
  return { applications, lost: [] }
}
