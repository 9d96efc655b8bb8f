import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { clusterTest } from '../../cluster/cluster-test.ts'
import { catalogWorld } from '../../plugin/history/catalog-world.ts'
import { root } from '../release.ts'

clusterTest('the ServiceAccount of the sync check may lint its namespace', async cluster => {
  const world = await catalogWorld(cluster)
  // Without a controller manager, view is empty: its rules are aggregated from this role.
  const objects = readFileSync(join(root, 'release/ci/argo-cd-presync.yaml'), 'utf8').replace(
    'name: view }',
    "name: 'system:aggregate-to-view' }",
  )
  await cluster.apply(objects, { namespace: world.namespace })
  const user = `system:serviceaccount:${world.namespace}:kubectl-canary-lint`
  const { code, stdout, stderr } = await world.canary('lint', ['--as', user])
  assert.equal(code, 0, stdout + stderr)
})
