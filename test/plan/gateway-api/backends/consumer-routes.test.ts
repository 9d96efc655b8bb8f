import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ServiceRoute } from '../../../../shared/objects/gateway-api.ts'
import { peopleOf } from '../../../../plugin/print/people.ts'
import { grant, route } from '../../../providers/gateway-api/written-objects.ts'
import { viewOf, weightEdit } from '../edits.ts'
import { catalogRoute, to } from '../shop.ts'

const parents = [{ group: '', kind: 'Service', namespace: 'shop', name: 'catalog' }]
const rules = [{ backendRefs: [{ ...to('catalog-v1'), namespace: 'shop' }] }]
const consumer = route('web/catalog', { parents, rules })
const uncoveredBy = (...routes: readonly ServiceRoute[]): readonly unknown[] =>
  weightEdit(10)(viewOf(...routes, grant('web', 'shop'))).notes.flatMap(note =>
    note.kind === 'consumer-route' ? [[note.object.namespace, note.parent.namespace, note.parent.name]] : [],
  )

it('says that a route of another namespace is for callers there only, unless the Service has one of its own', () => {
  assert.deepEqual(uncoveredBy(consumer), [['web', 'shop', 'catalog']])
  const producer = catalogRoute([{ backendRefs: [to('catalog-v1')] }], { parents })
  assert.deepEqual(uncoveredBy(consumer, producer), [])
  assert.deepEqual(uncoveredBy(producer), [])
})

it('calls these callers by their namespace, and everyone else by no name', () => {
  const people = (...routes: readonly ServiceRoute[]): readonly string[] =>
    peopleOf(weightEdit(10)(viewOf(...routes, grant('web', 'shop'))).traffic!.after)
  assert.deepEqual(people(consumer), ['catalog: everyone in namespace web → v1 90 %, v2 10 %'])
  const both = route('web/catalog', { parents: [...parents, { name: 'edge' }], rules })
  assert.deepEqual(people(both), ['catalog: everyone → v1 90 %, v2 10 %'])
})
