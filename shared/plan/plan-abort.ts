import type { VirtualService } from '../objects/virtual-service.ts'
import { cohortsOf, endCanary } from '../providers/istio/edit/canary.ts'
import { stableOf } from '../providers/istio/edit/stable.ts'
import type { RoutedService } from '../providers/istio/read/routed-service.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { CanaryError } from '../objects/canary-error.ts'
import { finish } from './finish.ts'
import type { AbortIntent } from './intent.ts'
import type { Plan } from './plan.ts'
import { editableRoutes, routesTo } from './target/routes.ts'
import { findService, servicesIn } from './target/services.ts'
import { stableVersion } from './target/stable.ts'
import { ensureSubsets } from './target/subsets.ts'
import { versionsOf } from './target/versions.ts'

/** Everything goes back to stable; the cohorts and mirrors of this canary go. Never held up by readiness: stable is where people were before. */
export function planAbort(view: ClusterView, { target, stable: said }: AbortIntent): Plan {
  const service =
    target.service === undefined
      ? (serviceInCanary(view, target.namespace) ?? findService(view, target, { routed: true }))
      : findService(view, target, { routed: true })
  const versions = versionsOf(view, service)
  const routes = editableRoutes(
    view,
    service,
    `kubectl canary init --service ${service.name} --stable VERSION -n ${service.namespace}`,
  )
  const stable = stableVersion({ service, versions, routes, said, canaries: [], target })
  const subsets = ensureSubsets(view, service, [stable])
  const subset = subsets.nameOf(stable)
  const split = { service, parts: [{ subset, weight: 100 }] }
  const changes = routes.map(before => ({
    before,
    after: endCanary(before, { split, isOver: () => true, isMirrorOver: mirrored => mirrored !== subset }),
  }))
  return finish(view, {
    title: `abort: everything back to ${stable.name}`,
    service,
    changes: [...subsets.changes, ...changes],
  })
}

/** The one service of the namespace for which a canary is written down. */
function serviceInCanary(view: ClusterView, namespace: string): RoutedService | undefined {
  const services = servicesIn(view, namespace).filter(service =>
    routesTo(view, service).some(route => isInCanary(route, service)),
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

const isInCanary = (route: VirtualService, service: RoutedService): boolean =>
  stableOf(route, service) !== undefined || cohortsOf(route, service).length > 0
