import { CanaryError } from '../../../objects/canary-error.ts'
import type { PodDisruptionBudget } from '../../../objects/autoscaling.ts'
import { refOf } from '../../../objects/kinds.ts'
import { keyOf } from '../../../objects/kube-object.ts'
import { matchesSelector } from '../../../objects/labels.ts'
import { patchCommand } from '../../../objects/text/kubectl-commands.ts'
import { fieldsOf, labelsOf, numberOf } from '../../../objects/unchecked.ts'
import type { PodReading } from '../read/reading.ts'
import { replicasOf, type Scaling } from './pods-wanted.ts'

/**
 * Throws a CanaryError `refused` where fewer pods would be left than a PodDisruptionBudget asks for. Nothing in a
 * cluster holds a scaling down to a budget: evictions alone are. One that is a percentage is measured by the replicas
 * that there are then, and pods that are all taken away need none.
 */
export function requireBudgets(
  { view, service: { namespace } }: PodReading,
  scalings: readonly Scaling[],
): void {
  for (const budget of view.list('PodDisruptionBudget', namespace)) {
    const least = numberOf(budget.spec?.minAvailable)
    if (least === undefined) continue
    const { before, after } = podsUnder(view.list('Deployment', namespace), budget, scalings)
    if (after > 0 && after < least && after < before)
      throw new CanaryError(
        'refused',
        `${keyOf(refOf(budget))} asks for ${least} available pods, and ${after} would be left`,
        {
          hints: [
            `Choose a share that leaves as many, or ask for less: ${patchCommand(refOf(budget), 'merge', { spec: { minAvailable: after } })}`,
          ],
        },
      )
  }
}

/** The replicas that a budget is about, before and after. */
function podsUnder(
  deployments: ReturnType<PodReading['view']['list']>,
  { spec }: PodDisruptionBudget,
  scalings: readonly Scaling[],
): { readonly before: number; readonly after: number } {
  const under = (deployments as readonly Scaling['before'][]).filter(({ spec: own }) =>
    matchesSelector(
      spec?.selector,
      labelsOf(fieldsOf(fieldsOf(fieldsOf(own)['template'])['metadata'])['labels']),
    ),
  )
  const later = (deployment: Scaling['before']): number =>
    scalings.find(({ before }) => before === deployment)?.replicas ?? replicasOf(deployment)
  return {
    before: under.reduce((sum, each) => sum + replicasOf(each), 0),
    after: under.reduce((sum, each) => sum + later(each), 0),
  }
}
