import { CanaryError } from '../objects/canary-error.ts'
import { providers as allProviders } from '../providers/providers.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { inSession } from '../view/session.ts'
import { findService, readFound, servicesIn, type FoundService, type World } from './find/find-service.ts'
import { findStable } from './find/find-stable.ts'
import { firstLines, listed } from './find/first-ten.ts'
import { finish } from './finish.ts'
import { commandFor, initCommand, type AbortIntent, type Target } from './intent.ts'
import type { Plan } from './plan.ts'

/**
 * Everything goes back to stable; the cohorts and mirrors of this canary go. Never held up by readiness:
 * stable is where people were before.
 */
export function planAbort(
  given: ClusterView,
  { target, stable: said }: AbortIntent,
  providers = allProviders,
): Plan {
  const world = { view: inSession(given), providers }
  const inferred = target.service === undefined ? serviceInCanary(world, target) : undefined
  const found = inferred ?? findService(world, target, { routed: true })
  const { provider, service } = found
  const reading = readFound(world, found, target)
  const purpose = { needs: 'weights', init: initCommand(service) } as const
  const routes = provider.editable(reading, purpose)
  const stable = findStable({ reading, routes, said, canaries: [], target })
  const edit = provider.edit(
    reading,
    {
      split: { shares: [{ version: stable.name, percent: 100 }] },
      cohorts: [],
      mirrors: { only: stable.name },
    },
    purpose,
  )
  return finish(provider, reading, { ...edit, title: `abort: everything back to ${stable.name}` })
}

/** The one service of the namespace for which a canary is recorded. */
function serviceInCanary(world: World, target: Target): FoundService | undefined {
  const { namespace } = target
  const services = servicesIn(world, namespace).filter(found => {
    const { stable, cohorts } = readFound(world, found, target).canary
    return found.provider.isRouted(world.view, found.service) && stable.length + cohorts.length > 0
  })
  if (services.length <= 1) return services[0]
  const names = services.map(({ service }) => service.name)
  throw new CanaryError(
    'ambiguous',
    `${services.length} Services in namespace ${namespace} have a canary: ${listed(names)}`,
    {
      hints: ['Choose one:', ...firstLines(names.map(name => `  ${commandFor(target, name)}`))],
    },
  )
}
