/** kubectl and we share one cache of what a cluster serves. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { openCluster } from '../../../shared/live/open-cluster.ts'
import { discoveryCache } from '../../../shared/live/discovery-cache.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { folderWith, surroundings } from '../folder.ts'

clusterTests({ crds: [] })(
  'what we keep of a cluster is what kubectl keeps, and both read it',
  async cluster => {
    await using folder = await folderWith({})
    const [ours, theirs] = ['ours', 'theirs'].map(name => join(folder.path, name)) as [string, string]
    const store = await openCluster({ kubeconfig: cluster.kubeconfig, cacheDir: ours }, surroundings())
    // Not served here, so that we ask what is.
    await store.read({ namespaces: '*', kinds: ['VirtualService'] })
    await store.close()
    await cluster.kubectl(['get', 'namespaces', '--cache-dir', theirs])
    const cacheIn = (dir: string) => discoveryCache(dir, store.connection.server)
    const namesIn = async (dir: string) =>
      (await cacheIn(dir).read())?.map(({ name, versions }) => [name, versions.map(({ version }) => version)])
    assert.deepEqual(await namesIn(ours), await namesIn(theirs))
    // With it kubectl works as with its own.
    const { code, stdout } = await cluster.kubectl(['get', 'namespaces', '-o', 'name', '--cache-dir', ours])
    assert.deepEqual([code, /^namespace\/default$/m.test(stdout)], [0, true])
  },
)
