import assert from 'node:assert/strict'
import { chmod, readFile, utimes, writeFile, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { cacheDirOf, discoveryCache, type ApiGroup } from '../../../shared/live/discovery-cache.ts'
import { fc } from '../../properties.ts'
import { folderWith } from '../folder.ts'

const server = 'https://10.0.0.1:6443'
const at = 'discovery/10.0.0.1_6443/servergroups.json'
const groups: readonly ApiGroup[] = [
  { name: 'networking.istio.io', versions: [{ groupVersion: 'networking.istio.io/v1', version: 'v1' }] },
]

test('the folder is that of the flag, of KUBECACHEDIR, or of the home folder', () => {
  assert.deepEqual(
    [
      cacheDirOf('/flag', { KUBECACHEDIR: '/env', HOME: '/home/ann' }),
      cacheDirOf(undefined, { KUBECACHEDIR: '/env', HOME: '/home/ann' }),
      cacheDirOf(undefined, { HOME: '/home/ann' }),
      cacheDirOf(undefined, {}),
    ],
    ['/flag', '/env', '/home/ann/.kube/cache', undefined],
  )
})

test('what was kept is read again for six hours, from the file that kubectl has for the server', async () => {
  await using folder = await folderWith({})
  const cache = discoveryCache(folder.path, server)
  assert.equal(await cache.read(), undefined)
  await cache.write(groups)
  assert.deepEqual(await cache.read(), groups)
  assert.deepEqual(JSON.parse(await readFile(join(folder.path, at), 'utf8')), {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups,
  })
  const old = Date.now() / 1000 - 6 * 3600 - 1
  await utimes(join(folder.path, at), old, old)
  assert.equal(await cache.read(), undefined)
})

test('a server is one folder, whatever its address has in it', async () => {
  await using folder = await folderWith({})
  await discoveryCache(folder.path, 'https://[fd00::1]:6443/k8s/clusters/c-1').write(groups)
  assert.ok(
    await readFile(join(folder.path, 'discovery/_fd00__1__6443/k8s/clusters/c_1/servergroups.json'), 'utf8'),
  )
})

test('a cache that cannot be written breaks nothing', async () => {
  await using folder = await folderWith({ file: 'x' })
  for (const dir of [join(folder.path, 'file'), '/proc/nowhere']) {
    const cache = discoveryCache(dir, server)
    await cache.write(groups)
    assert.equal(await cache.read(), undefined)
  }
  await chmod(folder.path, 0o500)
  await discoveryCache(folder.path, server).write(groups)
  await chmod(folder.path, 0o700)
})

test('whatever stands in the file, it is groups or nothing', async () => {
  await using folder = await folderWith({})
  const cache = discoveryCache(folder.path, server)
  await mkdir(dirname(join(folder.path, at)), { recursive: true })
  const texts = fc.oneof(
    fc.string(),
    fc.json(),
    fc.json().map(json => `{"groups":${json}}`),
    fc.json().map(json => `{"groups":[{"name":"a","versions":${json}}]}`),
  )
  await fc.assert(
    fc.asyncProperty(texts, async text => {
      await writeFile(join(folder.path, at), text)
      for (const { name, versions } of (await cache.read()) ?? [])
        assert.ok(typeof name === 'string' && versions.every(({ version }) => typeof version === 'string'))
    }),
    { numRuns: 60 },
  )
})
