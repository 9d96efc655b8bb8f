import assert from 'node:assert/strict'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { podsWorld, tracks } from './pods-world.ts'

const plain = clusterTests({ crds: [], controllerManager: true })

plain('a weight moves pods from stable to the canary, and abort brings them back', async cluster => {
  await using world = await podsWorld(cluster, tracks(4, 0))
  const start = await world.state()
  const { stdout } = await world.does('weight hello canary=25')
  assert.match(stdout, /hello: everyone → canary 25 %, stable 75 %/)
  for (const line of ['status hello', 'list', 'try http://hello/'])
    assert.doesNotMatch((await world.does(line)).stderr, /Istio's resources are not installed/, line)
  assert.deepEqual(await world.replicas(), { hello: 3, 'hello-canary': 1 })
  assert.equal((await world.service()).metadata.annotations?.['kubectl-canary/stable'], 'stable')
  assert.ok(
    world.seen.every(({ hello = 0, 'hello-canary': canary = 0 }) => hello + canary >= 4),
    'there were always as many pods as before',
  )
  const again = await world.does('weight hello canary=25')
  assert.match(again.stdout + again.stderr, /unchanged/)
  await world.does('abort hello')
  assert.deepEqual(await world.state(), start)
})

plain('promote gives the canary all pods and takes those of stable when they are ready', async cluster => {
  await using world = await podsWorld(cluster, tracks(3, 0))
  const start = await world.state()
  await world.does('weight hello canary=20')
  assert.deepEqual(await world.replicas(), { hello: 2, 'hello-canary': 1 })
  await world.does('promote hello canary')
  assert.deepEqual(await world.replicas(), { hello: 0, 'hello-canary': 3 })
  assert.ok(world.seen.every(({ hello = 0, 'hello-canary': canary = 0 }) => hello + canary >= 3))
  assert.equal((await world.service()).metadata.annotations?.['kubectl-canary/stable'], undefined)
  const { stdout } = await world.does('history hello')
  assert.match(stdout, /weight stable=80,canary=20/)
  assert.match(stdout, /promote canary/)
  assert.match(stdout, /deployment\/hello:1 .*rollout hello:1/)
  await world.does('undo hello')
  assert.deepEqual(await world.replicas(), { hello: 2, 'hello-canary': 1 })
  await world.does('undo hello --to-revision 0')
  assert.deepEqual(await world.state(), start)
})

plain('a canary whose pods do not become ready takes none from stable', async cluster => {
  await using world = await podsWorld(cluster, tracks(3, 0))
  const start = await world.state()
  world.broken.add('hello-canary:1')
  for (const line of [
    'promote hello canary --ready-timeout 2s',
    'promote hello canary --ready-timeout 2s --force',
  ]) {
    const stderr = await world.fails(line)
    assert.match(stderr, /version canary of hello has fewer than 3 ready pods after 2 s/)
    assert.deepEqual(await world.state(), start)
  }
  assert.ok(world.seen.every(({ hello }) => hello === 3))
})
