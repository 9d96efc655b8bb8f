import assert from 'node:assert/strict'
import { test } from 'node:test'
import { around, apisixRoute, to } from '../../plan/apisix/shop.ts'
import { ManifestsFolder } from '../manifests-folder.ts'

const stream = [
  { name: 'tcp', protocol: 'TCP', match: { ingressPort: 9100 }, backend: to('catalog-v1') },
  { name: 'other', protocol: 'UDP', match: { ingressPort: 9200 }, backend: to('orders') },
]
const rule = { name: 'all', match: { paths: ['/*'] }, backends: [to('catalog-v1')] }

/** A folder with the shop and a route of these rules, and with stream rules. */
function folderWith(http: readonly (typeof rule)[]): ManifestsFolder {
  const folder = new ManifestsFolder()
  const objects = [...around, apisixRoute('catalog', http, { stream })]
  folder.write('all.yaml', objects.map(object => JSON.stringify(object)).join('\n---\n'))
  return folder
}

const said =
  /ApisixRoute shop\/catalog, spec\.stream\[0\]: TCP connections to port 9100 go to Service catalog-v1/

test('a stream rule is told by status and by edits, which leave it as it is', async () => {
  using folder = folderWith([rule])
  const { stdout } = await folder.run('status catalog -n shop')
  assert.match(stdout, said)
  assert.doesNotMatch(stdout, /orders/)
  const { code, stderr } = await folder.run('weight catalog v2=10 -n shop')
  assert.equal(code, 0)
  assert.match(stderr, said)
  assert.ok(folder.texts()['all.yaml']!.includes(JSON.stringify(stream[0])))
})

test('a stream rule is told where no rule for requests leads to the service', async () => {
  using folder = folderWith([])
  assert.match((await folder.run('status catalog -n shop')).stdout, said)
})

test('the pods of a version stay while a stream rule leads to them', async () => {
  using folder = folderWith([rule])
  await folder.run('promote catalog v2 -n shop')
  const before = folder.texts()['all.yaml']
  const { code, stderr } = await folder.run('cleanup catalog --yes -n shop')
  assert.equal(code, 0, stderr)
  assert.match(stderr, /Version v1 stays: ApisixRoute shop\/catalog names it/)
  assert.equal(folder.texts()['all.yaml'], before)
})
