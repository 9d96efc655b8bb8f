import assert from 'node:assert/strict'
import test from 'node:test'
import { providers } from '../../shared/providers/providers.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { backingKinds } from '../../shared/workloads/workload-indexes.ts'
import { objects, shop } from '../plan/written-worlds.ts'

const service = { name: 'catalog', namespace: 'shop', clusterDomain: 'cluster.local' }

for (const provider of providers)
  test(`${provider.name} does not know which versions have pods where one kind of workload was not read`, () => {
    const seesWith = (unread: readonly (typeof backingKinds)[number][]): boolean =>
      provider.read(snapshot(objects(...shop), { unread: new Set(unread) }), service, { complete: true })
        .seesWorkloads
    assert.equal(seesWith([]), true)
    for (const kind of backingKinds) assert.equal(seesWith([kind]), false, kind)
  })
