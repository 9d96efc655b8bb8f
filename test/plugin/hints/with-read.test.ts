import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readingBy } from '../../../plugin/read/stores/mesh-settings.ts'
import { readingOnce } from '../../../plugin/read/stores/with-read.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import type { Scope, Store } from '../../../shared/view/store.ts'

function storeThatCounts(): { readonly store: Store; readonly scopes: Scope[] } {
  const scopes: Scope[] = []
  const store: Store = {
    namespace: 'shop',
    read: async scope => {
      scopes.push(scope)
      return { view: snapshot([]), notes: [], live: true }
    },
    apply: async () => [],
    diff: async () => '',
    writtenAs: ({ name }) => ({ name }),
    builtChanges: async () => ({ builds: [], notes: [] }),
    close: async () => undefined,
  }
  return { store, scopes }
}

test('dry runs at one moment read the cluster once, and again only for more', async () => {
  const { store, scopes } = storeThatCounts()
  const once = readingOnce(store)
  await once.read({ namespaces: ['shop'], also: ['HorizontalPodAutoscaler'] })
  await once.read({ namespaces: ['shop'] })
  await once.read({ namespaces: ['shop'], also: ['HorizontalPodAutoscaler'] })
  assert.equal(scopes.length, 1)
  await once.read({ namespaces: ['shop'], also: ['PodDisruptionBudget'] })
  await once.read({ namespaces: ['shop', 'other'] })
  assert.equal(scopes.length, 3)
})

test('a store that reads by settings of a mesh does all else as before', () => {
  const { store } = storeThatCounts()
  const read = readingBy({ rootNamespace: 'mesh' }, store)
  assert.deepEqual(
    Object.keys(store).filter(name => !(name in read)),
    [],
  )
})
