import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HttpRoute, VirtualService } from '../../../../shared/objects/virtual-service.ts'
import { removeMirrors } from '../../../../shared/providers/istio/edit/mirrors.ts'
import { mirrorsOf } from '../../../../shared/providers/istio/read/routes/mirrors.ts'
import { deepFreeze } from '../../../plan/worlds.ts'

const service = { name: 'catalog', namespace: 'shop', clusterDomain: 'cluster.local' }
const to = (subset: string, host = 'catalog') => ({ host, subset })
const route = [{ destination: to('v1') }]
const routing = (...http: readonly HttpRoute[]): VirtualService =>
  deepFreeze({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'catalog', namespace: 'shop' },
    spec: { hosts: ['catalog'], http },
  })
/** The routes without the mirrors to v2. */
const left = (...http: readonly HttpRoute[]) =>
  removeMirrors(routing(...http), service, ({ subset }) => subset === 'v2').spec.http!

describe('the mirrors to a version', () => {
  it('go with whatever says how much is copied', () => {
    for (const share of [{ mirrorPercentage: { value: 5 } }, { mirrorPercent: 5 }, { mirror_percent: 5 }, {}])
      assert.deepEqual(left({ name: 'r', mirror: to('v2'), ...share, route }), [{ name: 'r', route }])
  })
  it('go from a list, and the list with the last of them', () => {
    const [one, other] = ['v2', 'v3'].map(subset => ({ destination: to(subset), percentage: { value: 5 } }))
    assert.deepEqual(left({ mirrors: [one!, other!], route }), [{ mirrors: [other], route }])
    assert.deepEqual(left({ mirrors: [one!], route }), [{ route }])
    assert.deepEqual(left({ mirror: to('v2'), mirrors: [one!, other!], route }), [
      { mirrors: [other], route },
    ])
  })
  it('go while those to other versions and to other services stay', () => {
    const others: readonly HttpRoute[] = [
      { mirror: to('v3'), mirrorPercentage: { value: 5 }, route },
      { mirror: to('v2', 'orders'), route },
      { mirrors: [{ destination: to('v2', 'orders') }, { destination: to('v3') }], route },
    ]
    assert.deepEqual(left({ mirror: to('v2'), route }, ...others), [{ route }, ...others])
  })
  it('stay by which requests for another service are copied', () => {
    const copying = { mirror: to('v2'), route: [{ destination: { host: 'orders' } }] }
    assert.deepEqual(left(copying, { mirror: to('v2'), route }), [copying, { route }])
  })
  it('leave an object that has none as it is', () => {
    const object = routing({ mirror: to('v3'), route }, { route })
    assert.equal(
      removeMirrors(object, service, ({ subset }) => subset === 'v2'),
      object,
    )
  })
})

describe('the mirrors of a service', () => {
  it('are read with their percent by whatever field, 100 where none says', () => {
    const copies = (more: Partial<HttpRoute>) =>
      mirrorsOf(routing({ ...more, route }), service).map(({ target: { subset }, percent }) => ({
        subset,
        percent,
      }))
    const mirror = to('v2')
    for (const [share, percent] of [
      [{ mirrorPercentage: { value: 0.5 } }, 0.5],
      [{ mirrorPercent: 5 }, 5],
      [{ mirror_percent: 6 }, 6],
      [{ mirrorPercentage: {} }, 0],
      [{}, 100],
    ] as const)
      assert.deepEqual(copies({ mirror, ...share }), [{ subset: 'v2', percent }])
    assert.deepEqual(
      copies({ mirrors: [{ destination: mirror, percentage: { value: 7 } }, { destination: to('v3') }] }),
      [
        { subset: 'v2', percent: 7 },
        { subset: 'v3', percent: 100 },
      ],
    )
  })
  it('are not those to other services', () => {
    assert.deepEqual(
      mirrorsOf(
        routing({ mirror: to('v2', 'orders'), mirrors: [{ destination: to('v2', 'x') }], route }),
        service,
      ),
      [],
    )
  })
})
