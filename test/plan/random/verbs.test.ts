import assert from 'node:assert/strict'
import test from 'node:test'
import type { Plan } from '../../../shared/plan/plan.ts'
import type { Decision } from '../../../shared/routing/decision.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { sessionOf } from '../../../shared/view/session.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { fc } from '../../properties.ts'
import {
  decisionsOf,
  fails,
  isLeftAlone,
  isOfCohort,
  isRoutedToCatalog,
  seen,
  turnedTo,
  withoutMirrors,
} from './expected.ts'
import { conditions, requestsFor } from './requests.ts'
import { abort, carriedOut, cohort, promote, viewAfter, weight, type Verb } from './verbs.ts'
import { world } from './worlds.ts'

const requests = requestsFor([{ on: 'header', name: 'x-istio-cohort', match: { exact: 'internal' } }])

/** Holds what happens to every request after a plan against what is expected of what happened before it. */
function holds(view: ClusterView, plan: Plan, expected: (before: Decision) => Decision): void {
  const was = decisionsOf(view, requests, true)
  const is = decisionsOf(viewAfter(view, plan), requests, true)
  requests.forEach((request, i) => {
    const [before, now] = [was[i]!, is[i]!]
    assert.equal(seen(now), seen(expected(before)), JSON.stringify(request))
    assert.ok(fails(before) || !fails(now), JSON.stringify(request))
  })
}

/** A world, and the same with a cohort on it where that can be placed. */
const started = fc.tuple(world, fc.option(conditions, { nil: undefined })).map(([objects, when]) => {
  const view = sessionOf(snapshot(objects))
  const plan = when && carriedOut(view, cohort(when))
  return plan === undefined ? view : viewAfter(view, plan)
})

test('weight gives every route to the Service its shares and leaves all other requests, cohorts included, as they are', () => {
  fc.assert(
    fc.property(started, fc.constantFrom(0, 10, 50, 100), (view, percent) => {
      const plan = carriedOut(view, weight(percent))
      if (plan === undefined) return
      const parts = [
        ['v1', 100 - percent],
        ['v2', percent],
      ] as const
      const counted = parts.filter(([, part]) => part > 0)
      holds(view, plan, before =>
        isRoutedToCatalog(before) && !isOfCohort(view, before) && !isLeftAlone(plan, before)
          ? turnedTo(before, counted)
          : before,
      )
    }),
    { numRuns: 60 },
  )
})

test('promote gives every route to the version, ends its cohorts and mirrors, and leaves all other requests as they are', () => {
  fc.assert(
    fc.property(started, view => {
      const plan = carriedOut(view, promote)
      if (plan === undefined) return
      holds(view, plan, before => {
        if (!isRoutedToCatalog(before) || isLeftAlone(plan, before))
          return withoutMirrors(before, to => to === 'v2')
        return withoutMirrors(turnedTo(before, [['v2', 100]]), to => to === 'v2')
      })
    }),
    { numRuns: 60 },
  )
})

test('abort gives every route to stable, ends all cohorts and mirrors of the canary, and leaves all other requests as they are', () => {
  fc.assert(
    fc.property(
      world,
      fc.constantFrom<readonly Verb[]>([], [weight(10)], [cohort([])], [cohort([]), weight(10)]),
      (objects, verbs) => {
        const first = sessionOf(snapshot(objects))
        const view = verbs.reduce<ClusterView>((on, verb) => {
          const plan = carriedOut(on, verb)
          return plan === undefined ? on : viewAfter(on, plan)
        }, first)
        const plan = carriedOut(view, abort)
        if (plan === undefined) return
        const was = decisionsOf(first, requests, true)
        const is = decisionsOf(viewAfter(view, plan), requests, true)
        requests.forEach((request, i) => {
          const before = was[i]!
          const ended = withoutMirrors(before, to => to !== 'v1')
          const expected = isRoutedToCatalog(before) ? turnedTo(ended, [['v1', 100]]) : ended
          assert.equal(seen(is[i]!), seen(expected), JSON.stringify(request))
          assert.ok(fails(before) || !fails(is[i]!), JSON.stringify(request))
        })
      },
    ),
    { numRuns: 60 },
  )
})

test('a command that is carried out changes nothing when it is given again', () => {
  fc.assert(
    fc.property(
      world,
      fc.constantFrom<Verb>(weight(10), weight(0), promote, abort, cohort([])),
      (objects, verb) => {
        const view = sessionOf(snapshot(objects))
        const plan = carriedOut(view, verb)
        if (plan === undefined) return
        assert.deepEqual(verb(viewAfter(view, plan)).changes, [])
      },
    ),
    { numRuns: 150 },
  )
})
