import { CanaryError } from '../objects/canary-error.ts'
import { keyOf, type Ref } from '../objects/kube-object.ts'
import { providers as allProviders } from '../providers/providers.ts'
import { readyOf } from '../routing/service.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { inSession } from '../view/session.ts'
import { findService, readFound } from './find/find-service.ts'
import { foreignRoutes, withForeignHint } from './find/foreign-routes.ts'
import { findVersion } from './find/find-version.ts'
import { finish } from './finish/finish.ts'
import type { InitIntent } from './intent.ts'
import type { Plan } from './plan.ts'

/**
 * Subsets from the workloads' version labels, and a route that gives everything to stable; what is there
 * already stays.
 */
export function planInit(given: ClusterView, intent: InitIntent, providers = allProviders): Plan {
  const { target, force = false, gateways, hosts, mesh = false } = intent
  const world = { view: inSession(given), providers }
  const found = findService(world, target, { version: intent.stable, routed: false })
  const { provider, service } = found
  provider.requireProvided(world.view, service)
  const reading = readFound(world, found, target)
  const stable = withForeignHint(reading, () => findVersion(reading, intent.stable, { isStable: true }))
  const edit = provider.start(
    reading,
    { stable: stable.name, gateways, hosts, mesh, force },
    `kubectl canary ${target.command} --force`,
  )
  const plan = finish(provider, reading, {
    ...edit,
    title: `init ${service.name}, stable ${stable.name}`,
    // Where no version has a ready pod, nobody loses one.
    ...(reading.versions.some(version => readyOf(version) > 0) && {
      receivers: { target, force, versions: [stable] },
    }),
  })
  const beside = foreignRoutes(reading.view, service)
  if (!force && beside.length > 0 && addsRoutes(plan)) throw besideForeign(intent, service.name, beside)
  return plan
}

const addsRoutes = ({ traffic }: Plan): boolean =>
  traffic !== undefined && traffic.after.entryPoints.length > traffic.before.entryPoints.length

/** A first route beside those of another routing API would compete with them for the same requests. */
const besideForeign = (
  { target: { command } }: InitIntent,
  service: string,
  routes: readonly Ref[],
): CanaryError =>
  new CanaryError(
    'refused',
    `${routes.map(keyOf).join(', ')} ${routes.length === 1 ? 'routes' : 'route'} ${service} already, and kubectl canary does not read or edit ${routes.length === 1 ? 'it' : 'them'}`,
    {
      hints: [
        'The new route and that one may take the same requests.',
        `To create it anyway: kubectl canary ${command} --force`,
      ],
    },
  )
