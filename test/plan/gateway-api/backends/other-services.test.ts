import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ClusterView } from '../../../../shared/view/cluster-view.ts'
import {
  abortEdit,
  backendsIn,
  cohortEdit,
  edited,
  mirrorEdit,
  promoteEdit,
  refusalOf,
  routeIn,
  viewOf,
  weightEdit,
} from '../edits.ts'
import { catalogRoute, to } from '../shop.ts'

const at = (value: string, ...backendRefs: readonly object[]): object => ({
  matches: [{ path: { type: 'PathPrefix', value } }],
  backendRefs,
})
const onAll = at('/', to('catalog-v1'))
const given = (...backendRefs: readonly object[]): ClusterView =>
  viewOf(catalogRoute([at('/items', ...backendRefs), onAll]))
/** The edit of the other rule alone. */
const choice = { choice: { routes: ['/'], objects: [] } }

describe('a rule that divides its requests between a version of the catalog and another application', () => {
  const shared = [to('orders', 90), to('catalog-v1', 10)]
  for (const [verb, edit] of Object.entries({
    weight: weightEdit(10),
    promote: promoteEdit(),
    cohort: cohortEdit('internal'),
    mirror: mirrorEdit(10),
  })) {
    it(`is not changed by ${verb}, which offers the others`, () => {
      const { message, hints } = refusalOf(given(...shared), edit)
      assert.match(message, /rules\[0\] also sends requests to Service orders/)
      assert.match(hints.join('\n'), /--route \/$/)
    })
  }

  it('keeps its backends where the others are chosen', () => {
    for (const backends of [shared, [to('orders', 90), to('catalog', 10)]])
      assert.deepEqual(
        backendsIn(edited(given(...backends), weightEdit(10, { stable: 'v1', ...choice })))[0],
        backends,
      )
  })
})

describe('a backend of another application that gets nothing', () => {
  const idle = to('orders', 0)
  it('stays at its place', () => {
    const view = given(idle, to('catalog-v1', 100))
    const canary = edited(view, weightEdit(10))
    assert.deepEqual(backendsIn(canary)[0], [idle, to('catalog-v1', 90), to('catalog-v2', 10)])
    assert.deepEqual(backendsIn(edited(canary, promoteEdit()))[0], [idle, to('catalog-v2')])
    assert.deepEqual(routeIn(edited(canary, abortEdit)), routeIn(view))
  })
})

describe('a rule that leads to all versions and to one by its own Service', () => {
  it('is turned to stable by a cohort only as far as it leads to all', () => {
    const view = given(to('catalog', 30), to('catalog-v2', 70))
    const later = edited(view, cohortEdit('internal', { stable: 'v1' }))
    assert.deepEqual(backendsIn(later)[0], [to('catalog-v2', 70), to('catalog-v1', 30)])
  })
  it('has one backend for stable then', () => {
    const view = given(to('catalog', 1), to('catalog-v1', 1), to('catalog-v2', 2))
    const later = edited(view, cohortEdit('internal', { stable: 'v1' }))
    assert.deepEqual(backendsIn(later)[0], [to('catalog-v1', 2), to('catalog-v2', 2)])
  })
})
