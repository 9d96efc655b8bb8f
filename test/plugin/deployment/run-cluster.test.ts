import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { folderWith } from '../../live/folder.ts'
import { judgeServer } from '../run/judge-server.ts'
import { podsWorld, tracks, type PodsWorld } from './pods-world.ts'

const plain = clusterTests({ crds: [], controllerManager: true })

/** Runs `run hello canary` by a plan of two steps that a webhook judges with a status. */
async function rolledOut(world: PodsWorld, status: number, more = '') {
  const judge = await judgeServer(() => status)
  const folder = await mkdtemp(join(tmpdir(), 'canary-run-'))
  const plan = join(folder, 'plan.json')
  const metrics = [{ name: 'smoke', webhook: `${judge.url}/judge` }]
  await writeFile(plan, JSON.stringify({ steps: [25, 50], interval: '1s', threshold: 3, metrics }))
  try {
    return await world.canary(`run hello canary --plan ${plan}${more}`)
  } finally {
    judge.close()
    await rm(folder, { recursive: true, force: true })
  }
}

plain('a run whose checks pass moves the pods step by step', async cluster => {
  await using world = await podsWorld(cluster, tracks(4, 0))
  const ended = await rolledOut(world, 200)
  assert.equal(ended.code, 0, ended.stdout + ended.stderr)
  assert.deepEqual(await world.replicas(), { hello: 0, 'hello-canary': 4 })
  assert.ok(world.seen.every(({ hello = 0, 'hello-canary': canary = 0 }) => hello + canary >= 4))
})

plain('a run says what its pods give the version, and what to do before a run', async cluster => {
  await using world = await podsWorld(cluster, tracks(4, 0))
  await using folder = await folderWith({})
  const report = join(folder.path, 'report.md')
  const { code, stdout, stderr } = await rolledOut(world, 200, ` --steps 10,60 --report ${report}`)
  assert.equal(code, 0, stdout + stderr)
  assert.match(
    await readFile(report, 'utf8'),
    /^\| 1 \| 10 % \(by pods 25 %\) \|.*\n\| 2 \| 60 % \(by pods 50 %\) \|/m,
  )
  assert.match(stdout, /step 1 of 2: canary 10 % \(by pods 25 %\)$/m)
  assert.match(stderr, /10 pods are exact\. .*kubectl scale deployment \S+ -n \S+ --replicas=9$/m)
  assert.doesNotMatch(stderr, /repeat this command/)
})

plain('a run whose checks fail brings the pods back', async cluster => {
  await using world = await podsWorld(cluster, tracks(4, 0))
  const start = await world.state()
  const ended = await rolledOut(world, 500)
  assert.equal(ended.code, 5, ended.stdout + ended.stderr)
  assert.deepEqual(await world.state(), start)
})

plain('a Job for a run may scale these Deployments and change that Service', async cluster => {
  await using world = await podsWorld(cluster, tracks(4, 0))
  const { code, stdout, stderr } = await rolledOut(world, 200, ' --as-job --image example.com/canary:1')
  assert.equal(code, 0, stderr)
  const role = stdout.split('---').find(text => /^kind: Role$/m.test(text)) ?? stdout
  assert.match(role, /deployments\/scale/)
  assert.match(role, /hello-canary/)
})
