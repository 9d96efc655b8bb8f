import { CanaryError } from '../objects/canary-error.ts'
import { endCohortsBeside } from '../providers/istio/edit/placing/beside.ts'
import { endCanary } from '../providers/istio/edit/canary.ts'
import { routesTo } from '../providers/istio/read/routes/carriers.ts'
import { onlyPortOf, readService } from '../providers/istio/read/reading.ts'
import type { RoutedService } from '../providers/istio/read/routed-service.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { inSession } from '../view/session.ts'
import { finish } from './finish.ts'
import type { AbortIntent } from './intent.ts'
import type { Plan } from './plan.ts'
import { createdRoutes, editableRoutes, isMarked } from './target/routes.ts'
import { completenessOf, findService, servicesIn } from './target/services.ts'
import { stableVersion } from './target/stable.ts'
import { ensureSubsets } from './target/subsets.ts'

/**
 * Everything goes back to stable; the cohorts and mirrors of this canary go. Never held up by readiness:
 * stable is where people were before.
 */
export function planAbort(given: ClusterView, { target, stable: said }: AbortIntent): Plan {
  const view = inSession(given)
  const inferred = target.service === undefined ? serviceInCanary(view, target.namespace) : undefined
  const service = inferred ?? findService(view, target, { routed: true })
  const reading = readService(view, service, completenessOf(target))
  const routes = editableRoutes(
    reading,
    `kubectl canary init --service ${service.name} --stable VERSION -n ${service.namespace}`,
  )
  const stable = stableVersion({ reading, routes, said, canaries: [], target })
  const subsets = ensureSubsets(reading, [stable])
  const subset = subsets.nameOf(stable)
  const split = { service, parts: [{ subset, weight: 100 }], onlyPort: onlyPortOf(reading) }
  const changes = routes.map(before => ({
    before,
    after: endCanary(before, { split, isOver: () => true, isMirrorOver: mirrored => mirrored !== subset }),
  }))
  const ended = createdRoutes(reading).map(before => ({
    before,
    after: endCohortsBeside(before, service, () => true),
  }))
  return finish(reading, {
    title: `abort: everything back to ${stable.name}`,
    changes: [...subsets.changes, ...changes, ...ended],
  })
}

/** The one service of the namespace for which a canary is written down. */
function serviceInCanary(view: ClusterView, namespace: string): RoutedService | undefined {
  const services = servicesIn(view, namespace).filter(service =>
    routesTo(view, service).some(route => isMarked(route, service)),
  )
  if (services.length <= 1) return services[0]
  throw new CanaryError(
    'ambiguous',
    `${services.length} Services in namespace ${namespace} have a canary: ${services.map(({ name }) => name).join(', ')}`,
    {
      hints: [
        'Say which one is meant:',
        ...services.map(({ name }) => `  kubectl canary abort --service ${name}`),
      ],
    },
  )
}
