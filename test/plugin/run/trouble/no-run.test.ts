import assert from 'node:assert/strict'
import { clusterTests } from '../../../cluster/cluster-test.ts'
import { catalogWorld } from '../../history/catalog-world.ts'
import { fastClock } from '../fast-clock.ts'
import { rehearsed } from '../rehearsal.ts'

const real = clusterTests()

real(
  'a version in place of a Service is told apart from a Service without runs and changes',
  async cluster => {
    const world = await catalogWorld(cluster)
    const { namespace } = world
    for (const [before, behind] of [
      ['history', ''],
      ['pause', ''],
      ['resume', ''],
      ['wait', ''],
      ['run', ' --resume'],
    ]) {
      const { code, stderr } = await world.canary(`${before} v2${behind}`)
      assert.equal(code, 1)
      assert.match(
        stderr,
        /^error: no Service v2 in namespace \S+\n {2}v2 is a version of catalog\. Did you mean: /,
      )
      assert.match(stderr, new RegExp(`kubectl canary ${before} catalog${behind}( |$)`, 'm'))
    }
    for (const line of ['pause catalog', 'resume catalog', 'wait catalog', 'run catalog --resume'])
      assert.ok(
        (await world.canary(line)).stderr.endsWith(
          `there is no run of catalog in namespace ${namespace}\n  To begin one: kubectl canary run catalog VERSION -n ${namespace}\n`,
        ),
        line,
      )
    const unchanged = await world.canary('history catalog')
    assert.deepEqual([unchanged.code, unchanged.stdout], [0, ''])
  },
)

real('a run whose Lease is deleted says so, and how to send everything back', async cluster => {
  await rehearsed(cluster, {}, async ({ run, world, shares }) => {
    let isDeleted = false
    const ended = await run(
      'run catalog v2 PLAN',
      fastClock(async seconds => {
        if (isDeleted || seconds < 10) return
        isDeleted = true
        await cluster.kubectl(['delete', 'lease', 'kubectl-canary.catalog', '-n', world.namespace])
      }),
    )
    assert.equal(ended.code, 1)
    assert.match(ended.stderr, /Lease \S+\/kubectl-canary\.catalog, which records it, was deleted/)
    const [, abort] = / stable: kubectl canary (abort \S+)/.exec(ended.stderr)!
    assert.equal(await shares(), 'everyone → v1 90 %, v2 10 %')
    assert.equal((await world.does(abort!)).code, 0)
    assert.equal(await shares(), 'everyone → v1')
  })
})
