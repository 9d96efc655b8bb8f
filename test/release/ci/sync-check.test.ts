import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { clusterTest } from '../../cluster/cluster-test.ts'
import { catalogWorld } from '../../plugin/history/catalog-world.ts'
import { root } from '../release.ts'

clusterTest('the ServiceAccount of the sync check may lint its namespace', async cluster => {
  const { namespace, canary } = await catalogWorld(cluster)
  await cluster.apply(readFileSync(join(root, 'release/ci/argo-cd-presync.yaml'), 'utf8'), { namespace })
  const user = `system:serviceaccount:${namespace}:kubectl-canary-lint`
  const { code, stdout, stderr } = await canary('lint', ['--as', user])
  assert.equal(code, 0, stdout + stderr)
})
