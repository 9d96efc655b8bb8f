import assert from 'node:assert/strict'
import test from 'node:test'
import { ManifestsFolder } from '../manifests-folder.ts'

const replicasOfV2 = async (replicas: number): Promise<ManifestsFolder> => {
  const folder = new ManifestsFolder('catalog')
  const text = folder.texts()['catalog.yaml']!
  const [before = '', after = ''] = text.split(/(?=^ {2}name: catalog-v2$)/m)
  folder.write('catalog.yaml', before + after.replace(/replicas: \d+/, `replicas: ${replicas}`))
  return folder
}

test('in files, requests are not sent to a version that is scaled to zero, unless a person insists', async () => {
  using folder = await replicasOfV2(0)
  const before = folder.texts()
  for (const line of ['weight v2=10', 'promote v2', 'cohort internal --to v2']) {
    const { code, stderr } = await folder.run(line)
    assert.equal(code, 3, line + stderr)
    assert.match(
      stderr,
      /^error: version v2 of catalog has no pods: spec\.replicas of Deployment catalog-v2 is 0\n {2}Set spec\.replicas first\.\n {2}Or send traffic to it now: kubectl canary .* --force$/m,
    )
  }
  assert.deepEqual(folder.texts(), before)
  assert.equal((await folder.run('weight v2=10 --force')).code, 0)
  assert.equal((await folder.run('abort')).code, 0)
})

test('lint says in files which workload to scale, and finds nothing when that is done', async () => {
  using folder = await replicasOfV2(0)
  assert.equal((await folder.run('weight v2=10 --force')).code, 0)
  // Another one sleeps, too, which is none of this version.
  folder.write(
    'catalog-v0.yaml',
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: catalog-v0, namespace: istioinaction }\nspec: { replicas: 0, selector: { matchLabels: { app: catalog, version: v0 } }, template: { metadata: { labels: { app: catalog, version: v0 } }, spec: { containers: [{ name: c, image: i }] } } }\n',
  )
  const { stdout } = await folder.run('lint')
  const [, line] =
    /Fix: Set spec\.replicas in Deployment istioinaction\/catalog-v2 \(\S*catalog\.yaml:(\d+)\): 1$/m.exec(
      stdout,
    ) ?? [undefined, '']
  const lines = folder.texts()['catalog.yaml']!.split('\n')
  assert.match(lines[Number(line) - 1]!, /replicas: 0/)
  lines[Number(line) - 1] = lines[Number(line) - 1]!.replace('0', '1')
  folder.write('catalog.yaml', lines.join('\n'))
  assert.match((await folder.run('lint')).stderr, /no findings/)
})

test('abort names no way back to a version that came later, or that has no pods', async () => {
  using folder = await replicasOfV2(1)
  assert.doesNotMatch((await folder.run('abort')).stderr, /To go back/)
  assert.equal((await folder.run('promote v2')).code, 0)
  assert.match(
    (await folder.run('abort')).stderr,
    /To go back to another version: kubectl canary promote catalog v1 /,
  )
  folder.write(
    'catalog.yaml',
    folder.texts()['catalog.yaml']!.replace(/(name: catalog\n[^]*?)replicas: 1/, '$1replicas: 0'),
  )
  assert.doesNotMatch((await folder.run('abort')).stderr, /To go back/)
})
