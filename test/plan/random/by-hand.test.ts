import assert from 'node:assert/strict'
import test from 'node:test'
import { refOf } from '../../../shared/objects/kinds.ts'
import type { HttpRoute, VirtualService } from '../../../shared/objects/virtual-service.ts'
import { ourRoutes } from '../../../shared/providers/istio/read/record/record.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { sessionOf } from '../../../shared/view/session.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { fc } from '../../properties.ts'
import { handEdit, type HandEdit } from './hand-edits.ts'
import { conditions } from './requests.ts'
import {
  abort,
  carriedOut,
  cohort,
  plain,
  promote,
  removeCohort,
  viewAfter,
  weight,
  type Verb,
} from './verbs.ts'
import { world } from './worlds.ts'

/** The view after a command; undefined where it is refused. */
const after = (view: ClusterView | undefined, verb: Verb): ClusterView | undefined => {
  const plan = view && carriedOut(view, verb)
  return plan && viewAfter(view, plan)
}

/** The VirtualServices that people write. */
const written = (view: ClusterView): readonly VirtualService[] =>
  view
    .list('VirtualService')
    .filter(({ metadata, spec }) => !metadata.name.includes('-canary') && spec.http !== undefined)

/** The view after a person's edit, and a label and a field that we do not know on the same VirtualService. */
function edited(view: ClusterView, { edit, at }: HandEdit): ClusterView {
  const before = written(view)[at % written(view).length]!
  const ours = ourRoutes(before)
  const own = before.spec.http!.flatMap((route, i) => (ours.has(route.name ?? '') ? [] : [i]))
  const changed = {
    ...before,
    metadata: { ...before.metadata, labels: { team: 'shop' } },
    spec: { ...before.spec, http: edit(before.spec.http!, own), unknownField: [1] },
  }
  return sessionOf(overlay(view, [{ before, after: changed }]))
}

/** A lone destination has all requests, whatever its weight. */
const unweighed = (route: HttpRoute): HttpRoute =>
  route.route?.length === 1 ? { ...route, route: route.route.map(({ weight: _, ...to }) => to) } : route

/** What is routed, by whatever record of ours. */
const routing = (view: ClusterView) =>
  plain(
    view.list('VirtualService').map(({ spec: { http, ...spec }, ...object }) => ({
      ref: refOf({ ...object, kind: 'VirtualService' }),
      labels: object.metadata.labels,
      spec,
      http: (http ?? []).map(unweighed),
    })),
  ).toSorted((a, b) => (a.ref.name < b.ref.name ? -1 : 1))

/** A VirtualService without a second route that asks what another one asks: those cannot be told apart once one of them has gone. */
const isDistinct = (object: VirtualService): boolean => {
  const asked = (object.spec.http ?? []).map(({ match }) => JSON.stringify(match ?? []))
  return new Set(asked).size === asked.length
}

const starts = fc.oneof(
  conditions.map(when => ({ start: cohort(when), name: 'cohort' })),
  fc.constantFrom(...[10, 50].map(percent => ({ start: weight(percent), name: `weight ${percent}` }))),
)
const ends = fc.constantFrom(
  { end: abort, name: 'abort' },
  { end: promote, name: 'promote' },
  { end: removeCohort, name: 'remove' },
)

test('what a person edits while a canary is on is there after it, as if it had been edited then', () => {
  fc.assert(
    fc.property(world, fc.tuple(starts, ends), handEdit, (objects, [{ start }, { end }], by) => {
      const on = after(sessionOf(snapshot(objects)), start)
      if (on === undefined || !written(on).every(isDistinct)) return
      const [later, first] = [after(edited(on, by), end), after(on, end)]
      if (later === undefined || first === undefined) return
      assert.deepEqual(routing(later), routing(edited(first, by)))
    }),
    { numRuns: 120 },
  )
})
