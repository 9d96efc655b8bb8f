import assert from 'node:assert/strict'
import { clusterTests } from '../../cluster/cluster-test.ts'
import type { Ended } from '../run-command.ts'
import { shopIn } from './shop-in.ts'
import { statusInWords } from '../print/status-in-words.ts'

const real = clusterTests()

const changesOf = async (
  does: (line: string) => Promise<Ended>,
  name: string,
): Promise<readonly Record<string, unknown>[]> =>
  (
    JSON.parse((await does(`history ${name} -o json`)).stdout) as {
      readonly changes: readonly Record<string, unknown>[]
    }
  ).changes

real(
  'a cohort of several Services is one change in all their histories, and one undo takes it back',
  async cluster => {
    const { does, canary, routes, namespace } = await shopIn(cluster, 'catalog', 'checkout', 'web')
    const start = await routes()
    await does('weight web v2=10')
    const weighted = await routes()
    await does('cohort internal --to v2 --all-services --reason chain --settle 0')
    const histories = await Promise.all(['catalog', 'checkout', 'web'].map(name => changesOf(does, name)))
    const last = histories.map(changes => changes.at(-1)!)
    assert.deepEqual(
      last.map(({ title, reason, revision }) => [title, reason, revision]),
      [1, 1, 2].map(revision => ['cohort internal → v2 for catalog, checkout, web', 'chain', revision]),
    )
    assert.equal(new Set(last.map(({ id }) => id)).size, 1)
    assert.deepEqual(last[2]!['with'], [
      { service: 'catalog', namespace, revision: 1 },
      { service: 'checkout', namespace, revision: 1 },
    ])
    assert.match((await does('cohorts')).stdout, /OWNER[\s\S]*catalog +internal +v2 +admin/)
    assert.match(
      (await does('history web --revision 2')).stdout,
      /Together with: +\S+\/catalog \(revision 1\)/,
    )
    await does('undo checkout')
    assert.deepEqual(await routes(), weighted)
    await does('undo web --to-revision 0')
    assert.deepEqual(await routes(), start)
    await cluster.expect(`/apis/apps/v1/namespaces/${namespace}/deployments/checkout-v2/status`, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: { status: { replicas: 1, readyReplicas: 0 } },
    })
    const refused = await canary('cohort internal --to v2 --service catalog,checkout')
    assert.equal(refused.code, 3, refused.stderr)
    assert.deepEqual(await routes(), start)
  },
)

real(
  'expired cohorts of all namespaces are removed as one change, and one undo brings them back',
  async cluster => {
    const one = await shopIn(cluster, 'catalog', 'checkout')
    const other = await shopIn(cluster, 'invoice')
    await one.does('cohort old --to v2 --service catalog,checkout --until 1h')
    await other.does('cohort past --to v2 --until 1h')
    const before = [await one.routes(), await other.routes()]
    const later = new Date(Date.now() + 7_200_000)
    const { stdout } = await one.does('cohorts -A --expired --remove', later)
    assert.match(stdout, /invoice configured in namespace/)
    assert.doesNotMatch(JSON.stringify([await one.routes(), await other.routes()]), /canary-/)
    const again = await one.does('cohorts -A --expired --remove', later)
    assert.match(again.stderr, /No cohort is expired in any namespace/)
    await one.does('undo checkout')
    assert.deepEqual([await one.routes(), await other.routes()], before)
  },
)

real('a preview at a host of its own goes with promote, and undo brings it back', async cluster => {
  const { does, routes } = await shopIn(cluster, 'catalog')
  const start = await routes()
  await does('init catalog --stable v1 --preview v2 --gateway public --preview-host next.example.com')
  const previewed = await routes()
  assert.match(
    statusInWords((await does('status catalog')).stdout),
    /next\.example\.com on public \(preview of v2\)\n +everyone → v2 100 %/,
  )
  await does('promote catalog v2')
  assert.match(statusInWords((await does('status catalog')).stdout), /everyone → v2 100 %\n$/)
  await does('undo catalog')
  assert.deepEqual(await routes(), previewed)
  await does('abort catalog')
  assert.deepEqual(await routes(), start)
})
