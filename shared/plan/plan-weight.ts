import type { VirtualService } from '../objects/virtual-service.ts'
import { CanaryError } from '../objects/canary-error.ts'
import { startSplit } from '../providers/istio/edit/canary.ts'
import { leftAlone, type Part } from '../providers/istio/edit/split.ts'
import { nameOf } from '../providers/istio/read/routes/carriers.ts'
import { onlyPortOf, readService, type ServiceReading } from '../providers/istio/read/reading.ts'
import type { ServiceVersion } from '../providers/istio/read/versions.ts'
import type { RoutedService } from '../providers/istio/read/routed-service.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { inSession } from '../view/session.ts'
import { finish, type Draft } from './finish.ts'
import type { WeightIntent } from './intent.ts'
import { checkSplit } from './check-split.ts'
import type { Plan } from './plan.ts'
import { editableRoutes, refuseOwnedRoutes } from './target/routes.ts'
import { completenessOf, findService } from './target/services.ts'
import { stableVersion } from './target/stable.ts'
import { ensureSubsets } from './target/subsets.ts'
import { resolveVersion } from './target/versions.ts'

interface Weighed {
  readonly version: ServiceVersion
  readonly weight: number
}

/**
 * The whole split of the service at every route to it: the versions named get their percent, stable the
 * remainder, others nothing.
 */
export function planWeight(given: ClusterView, intent: WeightIntent): Plan {
  const { target } = intent
  const view = inSession(given)
  checkSplit(intent.weights)
  const [first] = intent.weights.keys()
  const service = findService(view, target, {
    ...(first === undefined ? {} : { version: first }),
    routed: true,
  })
  refuseOwnedRoutes(view, service)
  const reading = readService(view, service, completenessOf(target))
  const { versions } = reading
  const named = [...intent.weights].map(([said, weight]) => ({
    version: resolveVersion(versions, said, service),
    weight,
  }))
  const routes = editableRoutes(
    reading,
    `kubectl canary init --service ${service.name} --stable VERSION -n ${service.namespace}`,
  )
  const stable = stableVersion({
    reading,
    routes,
    said: intent.stable,
    canaries: named.map(({ version }) => version),
    target,
  })
  const split = wholeSplit(named, stable, service)
  return finish(reading, {
    title: `weight ${split.map(({ version, weight }) => `${version.name}=${weight}`).join(',')}`,
    ...splitEverywhere(reading, routes, { split, stable }),
    receivers: {
      ...intent,
      versions: split
        .filter(({ version, weight }) => weight > 0 && version !== stable)
        .map(({ version }) => version),
    },
  })
}

interface Split {
  readonly split: readonly Weighed[]
  readonly stable: ServiceVersion
}

/** The split at every route, and the subsets that it needs first. */
function splitEverywhere(
  reading: ServiceReading,
  routes: readonly VirtualService[],
  { split, stable }: Split,
): Pick<Draft, 'changes' | 'notes'> {
  const subsets = ensureSubsets(
    reading,
    split.map(({ version }) => version),
  )
  const parts: readonly Part[] = split.map(({ version, weight }) => ({
    subset: subsets.nameOf(version),
    weight,
  }))
  const edit = {
    service: reading.service,
    parts,
    onlyPort: onlyPortOf(reading),
    only: new Set<string | undefined>([subsets.nameOf(stable), undefined]),
  }
  const changes = routes.map(before => ({
    before,
    after: startSplit(before, edit, { version: stable.name, subset: subsets.nameOf(stable) }),
  }))
  const notes = routes.flatMap(route =>
    leftAlone(route, edit).map(
      path =>
        `VirtualService ${nameOf(route)}, ${path} singles out some requests for another version: left as it is.`,
    ),
  )
  return { changes: [...subsets.changes, ...changes], notes }
}

/** Stable first with what the others leave. Where stable is named too, the weights must be the whole. */
function wholeSplit(
  named: readonly Weighed[],
  stable: ServiceVersion,
  service: RoutedService,
): readonly Weighed[] {
  const others = named.filter(({ version }) => version !== stable)
  const own = named.find(({ version }) => version === stable)
  const twice = named.find(({ version }, i) => named.findIndex(other => other.version === version) !== i)
  if (twice !== undefined)
    throw new CanaryError('usage', `version ${twice.version.name} of ${service.name} is named twice`)
  const sum = others.reduce((total, { weight }) => total + weight, 0)
  if (own !== undefined && own.weight + sum !== 100) {
    throw new CanaryError(
      'usage',
      `the weights add up to ${own.weight + sum}, and with the stable version ${stable.name} named they must add up to 100`,
      { hints: [`Leave ${stable.name} out: it gets the remainder.`] },
    )
  }
  return others.length === 0
    ? [{ version: stable, weight: 100 }]
    : [{ version: stable, weight: 100 - sum }, ...others]
}
