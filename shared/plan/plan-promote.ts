import type { VirtualService } from '../objects/virtual-service.ts'
import { endCohortsBeside } from '../providers/istio/edit/placing/beside.ts'
import { cohortsOf, endCanary } from '../providers/istio/edit/canary.ts'
import { leftAlone } from '../providers/istio/edit/split.ts'
import { nameOf } from '../providers/istio/read/routes/carriers.ts'
import { onlyPortOf, readService } from '../providers/istio/read/reading.ts'
import { findVersion } from '../providers/istio/read/versions.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { inSession } from '../view/session.ts'
import { finish } from './finish.ts'
import type { PromoteIntent } from './intent.ts'
import type { Plan } from './plan.ts'
import { createdRoutes, editableRoutes, refuseOwnedRoutes } from './target/routes.ts'
import { completenessOf, findService } from './target/services.ts'
import { stableVersions } from './target/stable.ts'
import { ensureSubsets } from './target/subsets.ts'
import { resolveVersion } from './target/versions.ts'

/**
 * The version becomes stable and takes everything; cohorts and mirrors that lead to it go, others stay and
 * are named.
 */
export function planPromote(given: ClusterView, intent: PromoteIntent): Plan {
  const { target } = intent
  const view = inSession(given)
  const service = findService(view, target, { version: intent.version, routed: true })
  refuseOwnedRoutes(view, service)
  const reading = readService(view, service, completenessOf(target))
  const { versions } = reading
  const to = resolveVersion(versions, intent.version, service)
  const routes = editableRoutes(
    reading,
    `kubectl canary init --service ${service.name} --stable ${to.name} -n ${service.namespace}`,
  )
  const subsets = ensureSubsets(reading, [to])
  const subset = subsets.nameOf(to)
  const old = stableVersions({ reading, routes, canaries: [to], target })
  const split = {
    service,
    parts: [{ subset, weight: 100 }],
    onlyPort: onlyPortOf(reading),
    only: new Set([undefined, subset, ...old.map(version => version.subset?.name)]),
  }
  const isOver = (cohort: { readonly to: string }): boolean => findVersion(versions, cohort.to).includes(to)
  const changes = routes.map(before => ({
    before,
    after: endCanary(before, { split, isOver, isMirrorOver: mirrored => mirrored === subset }),
  }))
  const ended = createdRoutes(reading).map(before => ({
    before,
    after: endCohortsBeside(before, service, isOver),
  }))
  const stay = (route: VirtualService) =>
    cohortsOf(route, service)
      .filter(cohort => !isOver(cohort))
      .map(({ name, to: version }) => `Cohort ${name} still goes to ${version}.`)
  const apart = (route: VirtualService) =>
    leftAlone(route, split).map(
      path =>
        `VirtualService ${nameOf(route)}, ${path} singles out some requests for another version: left as it is.`,
    )
  return finish(reading, {
    title: `promote ${to.name}`,
    receivers: { ...intent, versions: [to] },
    notes: routes.flatMap(route => [...stay(route), ...apart(route)]),
    changes: [...subsets.changes, ...changes, ...ended],
  })
}
