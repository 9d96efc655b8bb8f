/** Verbs on the routes of the shop, each on the view that the one before leaves. */
import assert from 'node:assert/strict'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { RouteRule, ServiceRoute } from '../../../shared/objects/gateway-api.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { planMirror } from '../../../shared/plan/mirror/plan-mirror.ts'
import { planAbort } from '../../../shared/plan/plan-abort.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planPromote } from '../../../shared/plan/plan-promote.ts'
import { planRemoveCohort } from '../../../shared/plan/plan-remove-cohort.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import type { Plan } from '../../../shared/plan/plan.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { around, cohort, target } from './shop.ts'

const live = { ...target, live: true }
const catalog = { kind: 'HTTPRoute', namespace: 'shop', name: 'catalog' } as const

export const viewOf = (...objects: readonly KubeObject[]): ClusterView => snapshot([...around, ...objects])

/** A verb as a plan for a view; `more` is what else is said. */
export type Edit = (view: ClusterView) => Plan
export const cohortEdit =
  (name: string, more: object = {}): Edit =>
  view =>
    planCohort(view, { ...cohort(name, { target: live, ...more }) })
export const cohortEnd =
  (name: string): Edit =>
  view =>
    planRemoveCohort(view, { target: live, name })
export const weightEdit =
  (v2: number, more: object = {}): Edit =>
  view =>
    planWeight(view, { target: live, weights: new Map([['v2', v2]]), force: false, ...more })
export const mirrorEdit =
  (percent: number, more: object = {}): Edit =>
  view =>
    planMirror(view, { target: live, mirrors: new Map([['v2', percent]]), force: false, ...more })
export const promoteEdit =
  (version = 'v2', more: object = {}): Edit =>
  view =>
    planPromote(view, { target: live, version, force: false, ...more })
export const abortEdit: Edit = view => planAbort(view, { target: live })

/** The view after some verbs. */
export const edited = (view: ClusterView, ...edits: readonly Edit[]): ClusterView =>
  edits.reduce((now, edit) => overlay(now, edit(now).changes), view)

export const routeIn = (view: ClusterView, ref: typeof catalog = catalog): ServiceRoute => view.get(ref)!
export const rulesIn = (view: ClusterView): readonly RouteRule[] => routeIn(view).spec?.rules ?? []
export const backendsIn = (view: ClusterView): readonly unknown[] =>
  rulesIn(view).map(({ backendRefs }) => backendRefs)

/** The error of a verb that is refused. */
export const refusalOf = (view: ClusterView, edit: Edit): CanaryError => {
  try {
    edit(view)
  } catch (error) {
    assert.ok(error instanceof CanaryError, String(error))
    return error
  }
  throw new Error('it was not refused')
}
