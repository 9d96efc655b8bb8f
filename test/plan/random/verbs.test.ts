import assert from 'node:assert/strict'
import test from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { VirtualService } from '../../../shared/objects/virtual-service.ts'
import type { Condition } from '../../../shared/routing/condition.ts'
import type { Decision } from '../../../shared/routing/request/decision.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { sessionOf } from '../../../shared/view/session.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { fc } from '../../properties.ts'
import {
  decisionsOf,
  fails,
  isLeftAlone,
  isOfCatalog,
  isOfCohort,
  isRoutedToCatalog,
  mirroredTo,
  pinned,
  seen,
  type Carried,
  turnedTo,
  withoutMirrors,
} from './expected.ts'
import { conditions, requestsFor } from './requests.ts'
import {
  abort,
  carriedOut,
  cohort,
  mirror,
  mirrorOff,
  planned,
  promote,
  removeCohort,
  viewAfter,
  virtualServices,
  weight,
  type Verb,
} from './verbs.ts'
import { world } from './worlds.ts'

const requests = requestsFor([{ on: 'header', name: 'x-istio-cohort', match: { exact: 'internal' } }])

/** Holds what happens to every request after a plan against what is expected of what happened to it first. */
function holds({ first, view, plan }: Carried, expected: (before: Decision) => Decision): void {
  const was = decisionsOf(first, requests, true)
  const between = first === view ? was : decisionsOf(view, requests, true)
  const is = decisionsOf(viewAfter(view, plan), requests, true)
  requests.forEach((request, i) => {
    assert.equal(seen(is[i]!), seen(expected(was[i]!)), JSON.stringify(request))
    assert.ok(fails(between[i]!) || !fails(is[i]!), JSON.stringify(request))
  })
}

/** A world after some commands, as far as they are carried out. */
const after = (first: ClusterView, ...verbs: readonly (Verb | undefined)[]): ClusterView =>
  verbs.reduce<ClusterView>((view, verb) => {
    const plan = verb && carriedOut(view, verb)
    return plan === undefined ? view : viewAfter(view, plan)
  }, first)

const viewOf = (objects: readonly KubeObject[]): ClusterView => sessionOf(snapshot(objects))
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 })
const maybeCohort = maybe(conditions)
const percents = fc.constantFrom(0, 10, 50, 100)
const verbOf = (when: readonly Condition[] | undefined): Verb | undefined => when && cohort(when)
const weightOf = (percent: number | undefined): Verb | undefined =>
  percent === undefined ? undefined : weight(percent)

test('weight gives every route to the Service its shares and leaves all other requests, cohorts included, as they are', () => {
  fc.assert(
    fc.property(world, maybeCohort, percents, (objects, when, percent) => {
      const view = after(viewOf(objects), verbOf(when))
      const plan = carriedOut(view, weight(percent))
      if (plan === undefined) return
      const parts = [
        ['v1', 100 - percent],
        ['v2', percent],
      ] as const
      const counted = parts.filter(([, part]) => part > 0)
      const carried = { first: view, view, plan }
      holds(carried, before =>
        isRoutedToCatalog(before) && !isOfCohort(view, before) && !isLeftAlone(carried, before)
          ? turnedTo(before, counted)
          : before,
      )
    }),
    { numRuns: 60 },
  )
})

test('mirror copies the requests of every route to the Service that does not lead to the version alone, and no others', () => {
  fc.assert(
    fc.property(world, maybeCohort, maybe(percents), (objects, when, percent) => {
      const view = after(viewOf(objects), verbOf(when), weightOf(percent))
      const plan = carriedOut(view, mirror(25))
      if (plan === undefined) return
      const carried = { first: view, view, plan }
      holds(carried, before => {
        const isMirrored =
          isOfCatalog(before)
          && !isOfCohort(view, before)
          && !isLeftAlone(carried, before)
          && !(before.destinations.length === 1 && before.destinations[0]!.subset === 'v2')
        const turned = isOfCatalog(before) && !isOfCohort(view, before) ? pinned(before) : before
        return isMirrored ? mirroredTo(turned, ['v2', 25]) : turned
      })
    }),
    { numRuns: 60 },
  )
})

test('mirror and mirror --off leave all VirtualServices as they were, in any order with a cohort', () => {
  fc.assert(
    fc.property(world, conditions, fc.nat({ max: 3 }), (objects, when, order) => {
      const view = viewOf(objects)
      const both = order < 2 ? [mirror(25), cohort(when)] : [cohort(when), mirror(25)]
      const ends = order % 2 === 0 ? [mirrorOff, removeCohort] : [removeCohort, mirrorOff]
      const end = [...both, ...ends].reduce<ClusterView>((now, verb) => {
        const plan = planned(now, verb)
        return plan === undefined ? now : viewAfter(now, plan)
      }, view)
      assert.deepEqual(virtualServices(end), virtualServices(view))
    }),
    { numRuns: 60 },
  )
})

test('promote gives every route to the version, ends its cohorts and mirrors, and leaves all other requests as they are', () => {
  fc.assert(
    fc.property(world, maybeCohort, maybe(percents), (objects, when, percent) => {
      const first = viewOf(objects)
      const view = after(first, verbOf(when), weightOf(percent))
      const plan = carriedOut(view, promote)
      if (plan === undefined) return
      const carried = { first, view, plan }
      holds(carried, before => {
        if (!isRoutedToCatalog(before)) return before
        const turned = isLeftAlone(carried, before) ? before : turnedTo(before, [['v2', 100]])
        return withoutMirrors(turned, to => to === 'v2')
      })
    }),
    { numRuns: 60 },
  )
})

test('abort gives every route to stable, ends the cohorts and mirrors that lead to the canary, and leaves all other requests as they are', () => {
  fc.assert(
    fc.property(world, maybeCohort, maybe(percents), (objects, when, percent) => {
      const first = viewOf(objects)
      const view = after(first, verbOf(when), weightOf(percent))
      const plan = carriedOut(view, abort)
      if (plan === undefined) return
      holds({ first, view, plan }, before =>
        isRoutedToCatalog(before)
          ? withoutMirrors(turnedTo(before, [['v1', 100]]), to => to === 'v2')
          : before,
      )
    }),
    { numRuns: 60 },
  )
})

/** The view as an API server gives it: it sorts the keys of what it stores. */
const asServed = (view: ClusterView): ClusterView =>
  sessionOf(
    overlay(
      view,
      view.list('VirtualService').map(before => ({ before, after: sorted(before) as VirtualService })),
    ),
  )

const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .toSorted(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, part]) => [key, sorted(part)]),
        )
      : value

test('a command that is carried out changes nothing when it is given again', () => {
  const verbs = fc.oneof(
    conditions.map(when => cohort(when)),
    fc.constantFrom(weight(10), weight(0), mirror(25), mirrorOff, promote, abort),
  )
  fc.assert(
    fc.property(world, maybeCohort, verbs, (objects, when, verb) => {
      const view = after(viewOf(objects), verbOf(when))
      const plan = carriedOut(view, verb)
      if (plan === undefined) return
      assert.deepEqual(verb(viewAfter(view, plan)).changes, [])
      const served = asServed(view)
      assert.deepEqual(verb(asServed(viewAfter(served, verb(served)))).changes, [])
    }),
    { numRuns: 150 },
  )
})
