import assert from 'node:assert/strict'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { VirtualService } from '../../shared/objects/virtual-service.ts'
import type { CohortIntent, Target } from '../../shared/plan/intent.ts'
import type { Plan } from '../../shared/plan/plan.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import { overlay } from '../../shared/view/overlay.ts'
import { namespace } from './worlds.ts'

export const target: Target = { namespace, command: 'cohort internal --to v2' }
/** The intent of `cohort internal --to v2`, unless said otherwise. */
export const cohortIntent = (
  name = 'internal',
  to = 'v2',
  more: Partial<CohortIntent> = {},
): CohortIntent => ({
  target,
  name,
  to,
  conditions: [],
  since: '2026-01-01T00:00:00Z',
  force: false,
  ...more,
})
/** The intent of `weight` with these percentages. */
export const weights = (...entries: readonly [string, number][]) => ({
  target,
  weights: new Map(entries),
  force: false,
})
/** The view as it is after a plan. */
export const apply = (view: ClusterView, plan: Plan): ClusterView => overlay(view, plan.changes)
export const routeNamed = (view: ClusterView, name: string): VirtualService =>
  view.get({ kind: 'VirtualService', namespace, name })!
/** The subsets of each route with their weights. */
export const split = (view: ClusterView, name: string) =>
  routeNamed(view, name).spec.http!.map(route =>
    route
      .route!.map(
        ({ destination, weight }) => `${destination.subset}${weight === undefined ? '' : `=${weight}`}`,
      )
      .join(' '),
  )
/** The code of the CanaryError that is thrown, or `none`. */
export const code = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    assert.ok(error instanceof CanaryError, String(error))
    return error.code
  }
  return 'none'
}
