import assert from 'node:assert/strict'
import test from 'node:test'
import { ManifestsFolder } from '../plugin/manifests-folder.ts'

test('files that are not all applied together are not judged as one world', async () => {
  using folder = new ManifestsFolder('catalog')
  folder.write('other.yaml', folder.texts()['catalog.yaml']!.replaceAll('replicas: 1', 'replicas: 2'))
  const { code, stderr } = await folder.run('doctor')
  assert.equal(code, 2)
  assert.match(
    stderr,
    /the files are 2 sets of objects that are applied apart\n {2}Name the files of one of them/,
  )
})
