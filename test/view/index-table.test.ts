import assert from 'node:assert/strict'
import { it } from 'node:test'
import { fc } from '../properties.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { IndexTable } from '../../shared/view/index-table.ts'
import { derivedOnce, forgetDerived } from '../../shared/objects/unchecked.ts'

const objects = Array.from({ length: 12 }, (_, i): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: `s${i}` },
}))

it('an index holds under each key what was added and not taken away, in order', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(11)), { maxLength: 60 }), steps => {
      const table = new IndexTable()
      const expected = new Set<KubeObject>()
      for (const [isAdded, i] of steps) {
        if (isAdded) table.add('key', objects[i]!)
        else table.delete('key', objects[i]!)
        if (isAdded) expected.add(objects[i]!)
        else expected.delete(objects[i]!)
      }
      assert.deepEqual(table.get('key'), [...expected])
    }),
  )
})

it('what is derived is the same until so much is derived that it is forgotten', () => {
  const derive = derivedOnce(({ metadata }: KubeObject) => ({ name: metadata.name }))
  forgetDerived(0)
  const first = derive(objects[0]!)
  forgetDerived(1)
  assert.equal(derive(objects[0]!), first)
  forgetDerived(0)
  assert.notEqual(derive(objects[0]!), first)
  assert.deepEqual(derive(objects[0]!), first)
})
