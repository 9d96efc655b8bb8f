import { CanaryError } from '../../../objects/canary-error.ts'
import type { PodDisruptionBudget } from '../../../objects/autoscaling.ts'
import { refOf } from '../../../objects/kinds.ts'
import { keyOf } from '../../../objects/kube-object.ts'
import { matchesSelector } from '../../../objects/labels.ts'
import { settingOf } from '../../../objects/text/kubectl-commands.ts'
import { fieldsOf, labelsOf, numberOf } from '../../../objects/unchecked.ts'
import type { Note } from '../../../routing/note.ts'
import type { PodReading } from '../read/reading.ts'
import { replicasOf, type Scaling } from './pods-wanted.ts'

/**
 * Throws a CanaryError `refused` where fewer pods would be left than a PodDisruptionBudget asks for, and notes where it would let
 * none be evicted any more, or all its pods go. Nothing in a cluster holds a scaling down to a budget: evictions alone
 * are, as when a node is drained (https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-budgets).
 */
export function budgetNotes(
  { view, complete, service: { namespace } }: PodReading,
  scalings: readonly Scaling[],
): readonly Note[] {
  return view.list('PodDisruptionBudget', namespace).flatMap((budget): readonly Note[] => {
    const { before, after } = podsUnder(view.list('Deployment', namespace), budget, scalings)
    const least = leastOf(budget, after)
    if (least === undefined || after >= before) return []
    const object = refOf(budget)
    if (after > 0 && after < least)
      throw new CanaryError(
        'refused',
        `${keyOf(object)} asks for ${least} available pods, and ${after} would be left`,
        {
          hints: [
            `Choose a share that leaves as many, or ask for less: ${settingOf(object, { minAvailable: after }, { complete })}`,
          ],
        },
      )
    const asks = budgetSays(budget)
    if (after === 0) return [{ kind: 'budget-empty', object, asks }]
    const allowed = before - (leastOf(budget, before) ?? before)
    return after === least && allowed > 0 ? [{ kind: 'budget-blocks', object, asks, pods: after }] : []
  })
}

/** `minAvailable: 75%` */
function budgetSays({ spec }: PodDisruptionBudget): string {
  const { minAvailable, maxUnavailable } = spec ?? {}
  return minAvailable === undefined ? `maxUnavailable: ${maxUnavailable}` : `minAvailable: ${minAvailable}`
}

/**
 * How many of so many pods a budget wants to be available. Percentages are of all, rounded up, for both of its fields
 * (pkg/controller/disruption/disruption.go, getExpectedPodCount); undefined for what is neither.
 */
function leastOf({ spec }: PodDisruptionBudget, pods: number): number | undefined {
  const { minAvailable, maxUnavailable } = spec ?? {}
  if (minAvailable !== undefined) return countOf(minAvailable, pods)
  const most = countOf(maxUnavailable, pods)
  return most === undefined ? undefined : Math.max(0, pods - most)
}

/** A number of pods, or `30%` of all, rounded up. */
function countOf(value: unknown, pods: number): number | undefined {
  const percent = typeof value === 'string' ? /^(\d+)%$/.exec(value)?.[1] : undefined
  return percent === undefined ? numberOf(value) : Math.ceil((Number(percent) * pods) / 100)
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
