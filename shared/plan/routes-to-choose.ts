import { CanaryError } from '../objects/canary-error.ts'
import { providers as allProviders } from '../providers/providers.ts'
import type { EditableRoute, Provider, ServiceReading } from '../routing/provider.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import type { Target } from './intent.ts'
import { readServices } from './read-services.ts'

/** The routes that an edit of the target, or of each service of its namespace, could choose among. */
export function routesToChoose(
  view: ClusterView,
  target: Target,
  providers: readonly Provider[] = allProviders,
): readonly EditableRoute[] {
  return readServices(view, target, providers).flatMap(reading =>
    providers.flatMap(provider => routesOf(provider, reading)),
  )
}

/** What cannot be edited has no routes to choose. */
function routesOf(provider: Provider, reading: ServiceReading): readonly EditableRoute[] {
  try {
    const { routes, leftOut } = provider.editable(reading, { needs: 'weights', inits: [], command: '' })
    return [...routes, ...leftOut]
  } catch (error) {
    if (error instanceof CanaryError) return []
    throw error
  }
}
