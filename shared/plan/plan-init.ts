import { providers as allProviders } from '../providers/providers.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { inSession } from '../view/session.ts'
import { findService, readFound } from './find/find-service.ts'
import { findVersion } from './find/find-version.ts'
import { finish } from './finish/finish.ts'
import type { InitIntent } from './intent.ts'
import type { Plan } from './plan.ts'

/**
 * Subsets from the workloads' version labels, and a route that gives everything to stable; what is there
 * already stays.
 */
export function planInit(given: ClusterView, intent: InitIntent, providers = allProviders): Plan {
  const { target, force = false, gateways, hosts } = intent
  const world = { view: inSession(given), providers }
  const found = findService(world, target, { version: intent.stable, routed: false })
  const { provider, service } = found
  provider.requireProvided(world.view, service)
  const reading = readFound(world, found, target)
  const stable = findVersion(reading, intent.stable, { isStable: true })
  const edit = provider.start(
    reading,
    { stable: stable.name, gateways, hosts, force },
    `kubectl canary ${target.command} --force`,
  )
  return finish(provider, reading, { ...edit, title: `init ${service.name}, stable ${stable.name}` })
}
