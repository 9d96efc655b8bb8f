import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findRecorded, type RecordedName } from '../../../shared/plan/find/find-recorded.ts'
import { providers } from '../../../shared/providers/providers.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { route as httpRoute, toService } from '../../providers/gateway-api/written-objects.ts'
import { objects, route, shop, to } from '../written-worlds.ts'

const catalog = objects(...shop, route('shop/catalog', `{hosts: [catalog], http: [${to('v1')}]}`))
const target = { namespace: 'web', command: 'undo', live: true }
const found = (view: ClusterView, name: RecordedName) => findRecorded({ view, providers }, target, name)
const recorded = { service: 'catalog', namespace: 'shop' }

describe('a service that a record names', () => {
  it('is found in the namespace of the record, whatever that of the command is', () => {
    const { provider, service } = found(snapshot(catalog), recorded)
    assert.deepEqual([provider.name, service.name, service.namespace], ['istio', 'catalog', 'shop'])
  })

  it('and that is gone is read by the first routing API, so that what is recorded can be taken back', () => {
    assert.deepEqual(found(snapshot([]), recorded), {
      provider: providers[0],
      service: { name: 'catalog', namespace: 'shop', clusterDomain: 'cluster.local' },
    })
    const host = 'api.example.com'
    assert.deepEqual(found(snapshot([]), { service: host, namespace: 'shop' }).service, {
      name: host,
      namespace: 'shop',
      clusterDomain: 'cluster.local',
      host,
    })
  })

  it('and that two routing APIs route is a question, not a service that is gone', () => {
    const both = snapshot([...catalog, httpRoute('shop/next', { parents: [toService('catalog')] })])
    assert.throws(() => found(both, recorded), { code: 'ambiguous' })
  })
})
