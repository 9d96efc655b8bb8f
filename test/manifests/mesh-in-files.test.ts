import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openManifests } from '../../shared/manifests/open-manifests.ts'
import type { Reading } from '../../shared/view/store.ts'

const configMap = (name: string, mesh: string): string =>
  `---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name}, namespace: istio-system }\ndata:\n  mesh: |-\n    ${mesh}\n`

const read = async (text: string): Promise<Reading> =>
  (await openManifests({ paths: ['-'], stdin: async () => text })).read({ namespaces: '*' })

test('the mesh settings of an install by revision are found among the files', async () => {
  const { view, notes } = await read(configMap('istio-1-29', 'rootNamespace: other'))
  assert.equal(view.mesh.rootNamespace, 'other')
  assert.deepEqual(notes, [])
})

test('of revisions that disagree in files the last counts, with a word about it', async () => {
  const { view, notes } = await read(
    configMap('istio-1-29', 'rootNamespace: older') + configMap('istio-1-30', 'rootNamespace: newer'),
  )
  assert.equal(view.mesh.rootNamespace, 'newer')
  assert.match(notes.join(), /istio-1-29, istio-1-30 .* istio-1-30 is used/)
})

test('revisions do not matter beside the ConfigMap istio', async () => {
  const { view, notes } = await read(
    configMap('istio', 'rootNamespace: plain') + configMap('istio-1-30', 'rootNamespace: newer'),
  )
  assert.equal(view.mesh.rootNamespace, 'plain')
  assert.deepEqual(notes, [])
})

test('a revision whose settings are broken is named, and the defaults are used', async () => {
  const { view, notes } = await read(configMap('istio-1-30', 'a: ['))
  assert.equal(view.mesh.rootNamespace, 'istio-system')
  assert.match(notes.join(), /settings in ConfigMap istio-1-30 cannot be read/)
})
