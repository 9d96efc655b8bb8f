import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { grant, route, service } from '../../providers/gateway-api/written-objects.ts'
import { cohortEdit, edited, refusalOf, viewOf, weightEdit, type Edit } from './edits.ts'
import { to } from './shop.ts'

const stable = { ...to('catalog-v1'), namespace: 'shop' }
const away = (...rules: readonly object[]) => route('web/catalog', { rules })
/** Only the Service of v1 may be named by routes of the namespace of this one. */
const granted = (...rules: readonly object[]): ClusterView =>
  viewOf(away(...rules), service('web/web'), grant('web', 'shop', { name: 'catalog-v1' }))
const allow =
  'Allow the route to refer to that Service with a ReferenceGrant in the namespace of the Service, then repeat this command.'

describe('a version whose Service the route may not name', () => {
  const refusedFor = (view: ClusterView, edit: Edit): void => {
    const error = refusalOf(view, edit)
    assert.equal(
      error.message,
      'requests to version v2 of catalog by HTTPRoute web/catalog would be answered with 500 (ungranted-reference)',
    )
    assert.deepEqual(error.hints, [allow])
  }
  it('gets no share of its requests', () => {
    refusedFor(granted({ backendRefs: [stable] }), weightEdit(10))
  })
  it('gets no cohort of its requests, or a part of one', () => {
    for (const share of [undefined, 30])
      refusedFor(granted({ backendRefs: [stable] }), cohortEdit('a', { share }))
  })
  it('is not refused where it had requests that were not answered before', () => {
    const both = [
      { ...stable, weight: 90 },
      { ...stable, name: 'catalog-v2', weight: 10 },
    ]
    const view = granted({ backendRefs: both })
    const later = edited(view, weightEdit(20, { stable: 'v1' }))
    assert.notDeepEqual(later.list('HTTPRoute'), view.list('HTTPRoute'))
  })
  it('is refused for a rule that had none, whatever another rule of the route has', () => {
    const items = { matches: [{ path: { type: 'PathPrefix', value: '/items' } }] }
    const view = granted(
      { ...items, backendRefs: [{ ...stable, name: 'catalog-v2' }] },
      { backendRefs: [stable] },
    )
    refusedFor(view, weightEdit(10, { choice: { routes: ['rules[1]'], objects: [] } }))
  })
})
