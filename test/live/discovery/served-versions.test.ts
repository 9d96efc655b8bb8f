import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { openCluster } from '../../../shared/live/open-cluster.ts'
import { listOf, startFakeServer, type FakeServer, type Reply } from '../api-server.ts'
import { clusterOf } from '../connection/with-connection.ts'
import { folderWith, kubeconfig, surroundings } from '../folder.ts'
import { unserved } from '../store/reading-cluster.ts'

const group = (name: string, ...versions: readonly string[]): object => ({
  name,
  versions: versions.map(version => ({ groupVersion: `${name}/${version}`, version })),
})

/** An API server with these versions of Istio's kinds. */
const serving =
  (versions: () => readonly string[]) =>
  ({ url: { pathname } }: { readonly url: URL }): Reply => {
    if (pathname === '/api') return { body: { versions: ['v1'] } }
    const groups = versions().length === 0 ? [] : [group('networking.istio.io', ...versions())]
    if (pathname === '/apis') return { body: { groups } }
    if (pathname === '/apis/networking.istio.io') return groups[0] ? { body: groups[0] } : unserved
    const [, version] = /^\/apis\/networking\.istio\.io\/(\w+)\//.exec(pathname) ?? []
    return version === undefined || versions().includes(version) ? listOf([]) : unserved
  }

/** What a command asks that reads the VirtualServices of a namespace. */
async function asked(server: FakeServer, folder: string): Promise<readonly string[]> {
  const before = server.seen.length
  const store = await openCluster(
    { kubeconfig: join(folder, 'config'), cacheDir: join(folder, 'cache') },
    surroundings(),
  )
  await store.read({ namespaces: '*', kinds: ['VirtualService'] })
  await store.close()
  return server.seen
    .slice(before)
    .map(({ url }) => url.pathname)
    .filter(path => path.startsWith('/api'))
    .filter(path => !path.includes('configmaps'))
    .toSorted()
}

test('the version that a cluster serves is found out once, and known by the next command', async () => {
  await using server = await startFakeServer(serving(() => ['v1beta1']))
  await using folder = await folderWith({ config: kubeconfig(clusterOf(server)) })
  assert.deepEqual(await asked(server, folder.path), [
    '/api',
    '/apis',
    '/apis/networking.istio.io/v1/virtualservices',
    '/apis/networking.istio.io/v1beta1/virtualservices',
  ])
  assert.deepEqual(await asked(server, folder.path), ['/apis/networking.istio.io/v1beta1/virtualservices'])
})

test('what has changed since is noticed: versions that went, and kinds that came', async () => {
  let versions: readonly string[] = []
  await using server = await startFakeServer(serving(() => versions))
  await using folder = await folderWith({ config: kubeconfig(clusterOf(server)) })
  await asked(server, folder.path)
  versions = ['v1beta1']
  const found = '/apis/networking.istio.io/v1beta1/virtualservices'
  assert.equal((await asked(server, folder.path)).at(-1), found)
  assert.deepEqual(await asked(server, folder.path), [found])
  versions = ['v1']
  assert.ok((await asked(server, folder.path)).includes('/apis/networking.istio.io/v1/virtualservices'))
  assert.deepEqual(await asked(server, folder.path), ['/apis/networking.istio.io/v1/virtualservices'])
})
