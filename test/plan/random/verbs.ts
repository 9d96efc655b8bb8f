import assert from 'node:assert/strict'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { VirtualService } from '../../../shared/objects/virtual-service.ts'
import { planAbort } from '../../../shared/plan/plan-abort.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planInit } from '../../../shared/plan/plan-init.ts'
import { planMirror } from '../../../shared/plan/mirror/plan-mirror.ts'
import { planPromote } from '../../../shared/plan/plan-promote.ts'
import { planRemoveCohort } from '../../../shared/plan/plan-remove-cohort.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import type { Plan } from '../../../shared/plan/plan.ts'
import type { Condition } from '../../../shared/routing/condition.ts'
import { catalogue } from '../../../shared/rules/catalogue.ts'
import { judgeChanges } from '../../../shared/rules/introduced.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { sessionOf } from '../../../shared/view/session.ts'

const target = { namespace: 'shop', service: 'catalog', command: 'verb', live: true }

/** A command on the catalog, on a view; v1 is stable, v2 the canary. */
export type Verb = (view: ClusterView) => Plan

export const cohort =
  (conditions: readonly Condition[], name = 'internal'): Verb =>
  view =>
    planCohort(view, {
      target,
      name,
      to: 'v2',
      stable: 'v1',
      conditions,
      since: '2026-01-01T00:00:00Z',
      force: false,
    })
export const removeCohort: Verb = view => planRemoveCohort(view, { target, name: 'internal' })
export const weight =
  (percent: number, sticky?: false): Verb =>
  view =>
    planWeight(view, { target, weights: new Map([['v2', percent]]), sticky, stable: 'v1', force: false })
/** Users keep the version that they got first. */
export const stickyWeight =
  (percent: number): Verb =>
  view =>
    planWeight(view, {
      target,
      weights: new Map([['v2', percent]]),
      sticky: { since: '2026-01-01T00:00:00Z' },
      stable: 'v1',
      force: false,
    })
export const mirror =
  (percent: number): Verb =>
  view =>
    planMirror(view, { target, mirrors: new Map([['v2', percent]]), stable: 'v1', force: false })
export const mirrorOff: Verb = view => planMirror(view, { target, mirrors: new Map(), force: false })
export const promote: Verb = view => planPromote(view, { target, version: 'v2', force: false })
export const abort: Verb = view => planAbort(view, { target, stable: 'v1' })
export const init =
  (gateways: readonly string[], hosts: readonly string[]): Verb =>
  view =>
    planInit(view, { target, stable: 'v1', gateways, hosts })

/** The plan of a command, or none where it is refused, be it by the rules before anything is written. */
export function carriedOut(view: ClusterView, verb: Verb): Plan | undefined {
  const plan = planned(view, verb)
  return plan === undefined || isRefused(view, plan) ? undefined : plan
}

/** The plan of a command, or none where it is refused for what it says. */
export function planned(view: ClusterView, verb: Verb): Plan | undefined {
  try {
    return verb(view)
  } catch (error) {
    assert.ok(error instanceof CanaryError, String(error))
    return undefined
  }
}

/** Whether the rules keep the changes of a plan from being written. */
export const isRefused = (view: ClusterView, { changes }: Plan): boolean =>
  judgeChanges(
    { rules: catalogue, settings: { complete: true, relativeWeights: false } },
    view,
    changes,
  ).introduced.some(({ severity }) => severity.webhook === 'error')

/** The view as a plan leaves it. */
export const viewAfter = (view: ClusterView, { changes }: Plan): ClusterView =>
  sessionOf(overlay(view, changes))

/** The VirtualServices as they are written, in the order of their names. */
export const virtualServices = (view: ClusterView): readonly VirtualService[] =>
  plain(view.list('VirtualService')).toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))

/** A value as it is written. */
export const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T
