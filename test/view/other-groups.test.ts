import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { refOf } from '../../shared/objects/kinds.ts'
import { keyOf } from '../../shared/objects/kube-object.ts'
import type { Index } from '../../shared/view/cluster-view.ts'
import { overlay } from '../../shared/view/overlay.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { apiGateway, coreService, istioGateway, knativeService } from '../objects/other-groups.ts'

const byName: Index<'Gateway'> = { kind: 'Gateway', keysOf: ({ metadata }) => [metadata.name] }

describe('a view', () => {
  for (const [title, own, foreign] of [
    ['a Gateway', istioGateway, apiGateway],
    ['a Service', coreService, knativeService],
  ] as const) {
    const ref = refOf(own)
    it(`does not hold ${title} of another group, whichever comes first`, () => {
      for (const objects of [
        [own, foreign],
        [foreign, own],
      ]) {
        const view = snapshot(objects)
        assert.deepEqual(
          [view.get(ref), view.list(ref.kind), view.list(ref.kind, 'shop')],
          [own, [own], [own]],
        )
      }
      const empty = snapshot([foreign])
      assert.deepEqual([empty.get(ref), empty.list(ref.kind)], [undefined, []])
    })
  }
  it('takes no change of a Service of another group for one of its own', () => {
    assert.throws(() => overlay(snapshot([coreService]), [{ after: knativeService }]), TypeError)
    assert.throws(() => refOf(knativeService), /is not a kind that is read/)
  })
  it('takes no change of a Gateway of another group for one of its own', () => {
    const later = overlay(snapshot([istioGateway]), [{ after: apiGateway }])
    assert.equal(later.get(refOf(istioGateway)), istioGateway)
    assert.equal(later.get(refOf(apiGateway)), apiGateway)
  })
  it('does not find it by an index either', () => {
    assert.deepEqual(snapshot([apiGateway, istioGateway]).find(byName, 'catalog'), [istioGateway])
    assert.deepEqual(snapshot([apiGateway]).find(byName, 'catalog'), [])
  })
  it('keeps the keys of two kinds with one name apart', () => {
    const ref = { namespace: 'shop', name: 'catalog' }
    assert.notEqual(
      keyOf({ ...ref, kind: 'Gateway' }),
      keyOf({ ...ref, kind: 'Gateway.gateway.networking.k8s.io' }),
    )
  })
})
