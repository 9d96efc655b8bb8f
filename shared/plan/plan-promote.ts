import type { VirtualService } from '../objects/virtual-service.ts'
import { cohortsOf, endCanary } from '../providers/istio/edit/canary.ts'
import { leftAlone } from '../providers/istio/edit/split.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { finish } from './finish.ts'
import type { PromoteIntent } from './intent.ts'
import type { Plan } from './plan.ts'
import { editableRoutes, nameOf, refuseOwnedRoutes } from './target/routes.ts'
import { findService } from './target/services.ts'
import { stableVersions } from './target/stable.ts'
import { ensureSubsets } from './target/subsets.ts'
import { findVersion, resolveVersion, versionsOf } from './target/versions.ts'

/** The version becomes stable and takes everything; cohorts and mirrors that lead to it go, others stay and are named. */
export function planPromote(view: ClusterView, intent: PromoteIntent): Plan {
  const { target } = intent
  const service = findService(view, target, { version: intent.version, routed: true })
  refuseOwnedRoutes(view, service)
  const versions = versionsOf(view, service)
  const to = resolveVersion(versions, intent.version, service)
  const routes = editableRoutes(
    view,
    service,
    `kubectl canary init --service ${service.name} --stable ${to.name} -n ${service.namespace}`,
  )
  const subsets = ensureSubsets(view, service, [to])
  const subset = subsets.nameOf(to)
  const old = stableVersions({ service, versions, routes, canaries: [to], target })
  const split = {
    service,
    parts: [{ subset, weight: 100 }],
    only: new Set([undefined, subset, ...old.map(version => version.subset?.name)]),
  }
  const isOver = (cohort: { readonly to: string }): boolean => findVersion(versions, cohort.to).includes(to)
  const changes = routes.map(before => ({
    before,
    after: endCanary(before, { split, isOver, isMirrorOver: mirrored => mirrored === subset }),
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
  return finish(view, {
    title: `promote ${to.name}`,
    service,
    receivers: { ...intent, versions: [to] },
    notes: routes.flatMap(route => [...stay(route), ...apart(route)]),
    changes: [...subsets.changes, ...changes],
  })
}
