import assert from 'node:assert/strict'
import test from 'node:test'
import { refOf } from '../../shared/objects/kinds.ts'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import type { VirtualService } from '../../shared/objects/virtual-service.ts'
import { planCohort } from '../../shared/plan/plan-cohort.ts'
import { planRemoveCohort } from '../../shared/plan/plan-remove-cohort.ts'
import { ourRoutes } from '../../shared/providers/istio/read/record/record.ts'
import { defaultCondition, type Condition } from '../../shared/routing/condition.ts'
import { catalogue } from '../../shared/rules/catalogue.ts'
import { judgeChanges } from '../../shared/rules/introduced.ts'
import type { Change } from '../../shared/view/change.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import { overlay } from '../../shared/view/overlay.ts'
import { sessionOf } from '../../shared/view/session.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { fc } from '../properties.ts'
import { decisionsOf, fails, isOfCatalog, pinned, seen, turnedTo } from './random/expected.ts'
import { conditions, isIn, requestsFor } from './random/requests.ts'
import { handEdit } from './random/hand-edits.ts'
import { crowdedWorld } from './random/crowded.ts'
import { world } from './random/worlds.ts'

const target = { namespace: 'shop', service: 'catalog', command: 'cohort', live: true }

/** The changes of a cohort, or none where it is refused. */
function cohortChanges(view: ClusterView, said: readonly Condition[]): readonly Change[] | undefined {
  try {
    const asked = { name: 'internal', to: 'v2', stable: 'v1', since: '2026-01-01T00:00:00Z', force: false }
    return planCohort(view, { target, ...asked, conditions: said }).changes
  } catch (error) {
    assert.ok(error instanceof CanaryError, String(error))
    return undefined
  }
}

/** Whether the rules keep the changes from being written. */
const isRefused = (view: ClusterView, changes: readonly Change[]): boolean =>
  judgeChanges(
    { rules: catalogue, settings: { complete: true, relativeWeights: false } },
    view,
    changes,
  ).introduced.some(({ severity }) => severity.webhook === 'error')

const removed = (view: ClusterView): ClusterView =>
  overlay(view, planRemoveCohort(view, { target, name: 'internal' }).changes)

const virtualServices = (view: ClusterView): readonly VirtualService[] =>
  plain(view.list('VirtualService')).toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))

/** As it is written. */
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

/** Any worlds, and those in which most VirtualServices of a gateway take everything. */
const anyWorld = fc.oneof(world, crowdedWorld)

test("a cohort's requests go to its version, all others go where they went, and none that was answered fails", () => {
  fc.assert(
    fc.property(anyWorld, conditions, (objects, said) => {
      const view = sessionOf(snapshot(objects))
      const changes = cohortChanges(view, said)
      if (changes === undefined || isRefused(view, changes)) return
      const when = said.length > 0 ? said : [defaultCondition('internal')]
      const requests = requestsFor(when)
      const was = decisionsOf(view, requests, true)
      const is = decisionsOf(sessionOf(overlay(view, changes)), requests, true)
      requests.forEach((request, i) => {
        const [before, now] = [was[i]!, is[i]!]
        const expected =
          isIn(request, when) && isOfCatalog(before)
            ? [seen({ ...turnedTo(before, [['v2', 100]]), mirrors: [] })]
            : [seen(before), seen(pinned(before))]
        assert.ok(expected.includes(seen(now)), `${JSON.stringify(request)} ${expected[0]} ${seen(now)}`)
        assert.ok(fails(before) || !fails(now), JSON.stringify(request))
      })
    }),
    { numRuns: 80 },
  )
})

test('a cohort that is removed leaves all VirtualServices as they were', () => {
  fc.assert(
    fc.property(anyWorld, conditions, (objects, said) => {
      const view = snapshot(objects)
      const changes = cohortChanges(view, said)
      if (changes === undefined) return
      assert.deepEqual(virtualServices(removed(overlay(view, changes))), virtualServices(view))
    }),
    { numRuns: 150 },
  )
})

/** A VirtualService without a second route that asks what another one asks: those cannot be told apart once one of them has gone. */
const isDistinct = (object: KubeObject): boolean => {
  const asked = ((object as VirtualService).spec.http ?? []).map(({ match }) => JSON.stringify(match ?? []))
  return new Set(asked).size === asked.length
}

test('a cohort that is removed leaves what a person has changed in between', () => {
  fc.assert(
    fc.property(world, conditions, handEdit, (objects, said, { edit, at }) => {
      const view = snapshot(objects)
      const changes = cohortChanges(view, said)
      const routed = view.list('VirtualService').filter(({ spec }) => spec.http !== undefined)
      const before = routed[at % routed.length]!
      if (changes === undefined || !isDistinct(before)) return
      const after = overlay(view, changes)
      const during = after.get({ ...refOf(before), kind: 'VirtualService' })!
      const ours = ourRoutes(during)
      const places = during.spec.http!.flatMap((route, i) => (ours.has(route.name ?? '') ? [] : [i]))
      const http = edit(during.spec.http!, places)
      const edited = { ...during, spec: { ...during.spec, http } }
      const end = removed(overlay(after, [{ before: during, after: edited }]))
      const own = edit(before.spec.http!, [...before.spec.http!.keys()])
      assert.deepEqual(
        plain(end.get({ ...refOf(before), kind: 'VirtualService' })),
        plain({ ...before, spec: { ...before.spec, http: own } }),
      )
    }),
    { numRuns: 150 },
  )
})
