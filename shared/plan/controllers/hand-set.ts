import { providers as allProviders } from '../../providers/providers.ts'
import type { PlacedName } from '../../routing/controller.ts'
import { idOf } from '../../routing/service.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { planAbort } from '../plan-abort.ts'
import type { Plan } from '../plan.ts'
import { serviceOf } from './controlled.ts'
import type { OrderIntent } from './plan-order.ts'

/** Whether a canary of ours is recorded on the routes of a Service: shares that were set by hand beside a controller. */
export const isSetByHand = (
  view: ClusterView,
  { namespace, name }: PlacedName,
  providers = allProviders,
): boolean =>
  providers.some(provider => {
    const said = { namespace, name, clusterDomain: view.mesh.clusterDomain }
    const service = provider.serviceMeantBy(view, said)
    if (!provider.isRouted(view, service)) return false
    const { stable, cohorts } = provider.read(view, service, { complete: false }).canary
    return stable.length + cohorts.length > 0
  })

/**
 * The plan of an order; where a controller continues and shares were set by hand meanwhile, these are taken back first.
 * Flagger resets a VirtualService that has annotations of others to 100 and 0 (reconcileVirtualService in
 * pkg/router/istio.go), and continues from the shares that it finds (advanceCanary in pkg/controller/scheduler.go).
 */
export function withHandSetTakenBack(
  view: ClusterView,
  { order, rollout, target }: OrderIntent,
  { plan, providers }: { readonly plan: Plan; readonly providers?: typeof allProviders | undefined },
): Plan {
  const yields = rollout.controller.yields(rollout.object, 'abort') !== undefined
  if (order !== 'resume' || !yields || plan.changes.length === 0) return plan
  const service = serviceOf(view, rollout)
  if (!isSetByHand(view, service, providers)) return plan
  const named = { ...target, service: idOf({ ...service, clusterDomain: '' }) }
  const back = planAbort(view, { target: named }, providers)
  return {
    ...back,
    title: plan.title,
    ...(plan.order !== undefined && { order: plan.order }),
    changes: [...back.changes, ...plan.changes],
    steps: [...back.steps, ...plan.steps],
    objects: [...back.objects, ...plan.objects],
    notes: [
      {
        kind: 'controller',
        says: `The shares that were set by hand are taken back first: ${rollout.controller.title} continues from 0 %.`,
      },
      ...back.notes,
      ...plan.notes,
    ],
  }
}
