import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManifestsFolder } from '../../plugin/manifests-folder.ts'

test('where stable is named, the weights are the whole; the fix says which version to name or to leave out', async () => {
  using folder = new ManifestsFolder('catalog')
  assert.equal((await folder.run('weight catalog v1=90 v2=10')).code, 0)
  const alone = await folder.run('weight catalog v1=90')
  assert.equal(alone.code, 2)
  assert.match(
    alone.stderr,
    /they must add up to 100\n {2}Name the version that is to get a share beside it: v1 gets the remainder\.\n/,
  )
  const both = await folder.run('weight catalog v1=90 v2=5')
  assert.equal(both.code, 2)
  assert.match(both.stderr, /they must add up to 100\n {2}Leave v1 out: it gets the remainder\.\n/)
  assert.equal((await folder.run('weight catalog v2=20')).code, 0)
})
