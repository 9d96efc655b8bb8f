import assert from 'node:assert/strict'
import { clusterTests } from '../../../cluster/cluster-test.ts'
import { fastClock } from '../fast-clock.ts'
import { rehearsed, type Rehearsal } from '../rehearsal.ts'

const real = clusterTests()

/** Plays lines while a run is paused at its first step; gives how the run ended. */
async function whilePaused(rehearsal: Rehearsal, play: () => Promise<void>): Promise<string> {
  const { run, world } = rehearsal
  let isPlayed = false
  const ended = await run(
    'run catalog v2 PLAN',
    fastClock(async seconds => {
      if (isPlayed || seconds < 10) return
      isPlayed = true
      await world.does('pause catalog')
      await play()
    }),
  )
  return `${ended.code} ${ended.stdout}${ended.stderr}`
}

const undone = / {2}To continue it, first take the change back: kubectl canary (undo .*) -n \S+$/m

real(
  'a paused run whose routes were changed is not resumed, and continues when that is undone',
  async cluster => {
    await rehearsed(cluster, {}, async rehearsal => {
      const { run, world, shares } = rehearsal
      const ended = await whilePaused(rehearsal, async () => {
        for (const lines of [
          ['weight catalog v2=33'],
          ['weight catalog v2=34', 'cohort qa catalog --to v2'],
        ]) {
          for (const line of lines) assert.match((await world.does(line)).stderr, /keeps it from continuing/)
          const refused = await run('resume catalog')
          assert.equal(refused.code, 3)
          assert.match(refused.stderr, /cannot continue: \S+ changed the routes: .*\(kubectl canary /)
          assert.equal((await run('resume catalog --dry-run=client')).code, 3)
          assert.equal((await run('wait catalog --for paused')).code, 0)
          assert.equal((await world.does(undone.exec(refused.stderr)![1]!)).stderr, '')
        }
        await world.does('resume catalog')
      })
      assert.match(ended, /^0 /)
      assert.equal(await shares(), 'everyone → v2')
    })
  },
)

real(
  'a paused run whose routes were changed with kubectl is ended by resume --force, as they are',
  async cluster => {
    await rehearsed(cluster, {}, async rehearsal => {
      const { run, world, shares } = rehearsal
      const ended = await whilePaused(rehearsal, async () => {
        const patch = [
          { op: 'replace', path: '/spec/http/0/route/0/weight', value: 67 },
          { op: 'replace', path: '/spec/http/0/route/1/weight', value: 33 },
        ]
        for (const name of ['catalog', 'catalog-public'])
          await cluster.kubectl([
            'patch',
            'virtualservice',
            name,
            '-n',
            world.namespace,
            '--type=json',
            '-p',
            JSON.stringify(patch),
          ])
        const refused = await run('resume catalog')
        assert.equal(refused.code, 3)
        assert.match(
          refused.stderr,
          /not with kubectl canary\n {2}To continue it, first edit the routes back/,
        )
        assert.match((await run('resume catalog --force')).stdout, /the run of v2 is over/)
      })
      assert.match(ended, /^1 [^]*stopped without a rollback: the routes of .* were changed/)
      assert.equal(await shares(), 'everyone → v1 67 %, v2 33 %')
    })
  },
)

real('whoever may not read the routes resumes a run all the same', async cluster => {
  await rehearsed(cluster, {}, async rehearsal => {
    const { world } = rehearsal
    await cluster.kubectl([
      'create',
      'role',
      'leases',
      '--verb=get,list,patch',
      '--resource=leases',
      '-n',
      world.namespace,
    ])
    await cluster.kubectl([
      'create',
      'rolebinding',
      'leases',
      '--role=leases',
      '--user=holder',
      '-n',
      world.namespace,
    ])
    const holder = await cluster.kubeconfigFor({ name: 'holder' })
    const ended = await whilePaused(rehearsal, async () => {
      const { code, stderr } = await world.canary('resume catalog', ['--kubeconfig', holder])
      assert.equal(code, 0, stderr)
    })
    assert.match(ended, /^0 /)
  })
})
