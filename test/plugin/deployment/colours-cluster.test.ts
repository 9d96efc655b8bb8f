import assert from 'node:assert/strict'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { colours, podsWorld } from './pods-world.ts'

const plain = clusterTests({ crds: [], controllerManager: true })

plain('promote switches the selector, and undo switches it back', async cluster => {
  await using world = await podsWorld(cluster, colours(2, 2))
  const start = await world.state()
  const { stdout } = await world.does('promote hello green')
  assert.match(stdout, /hello: everyone → green/)
  assert.deepEqual((await world.service()).spec.selector, { app: 'hello', version: 'green' })
  assert.deepEqual(await world.replicas(), { 'hello-blue': 2, 'hello-green': 2 })
  await world.does('undo hello')
  assert.deepEqual(await world.state(), start)
  const back = await world.does('abort hello')
  assert.match(back.stderr, /To go back to another version: kubectl canary promote hello green/)
})

plain('weight 100 switches with the way back open, which abort takes', async cluster => {
  await using world = await podsWorld(cluster, colours(1, 1))
  const start = await world.state()
  await world.does('weight hello green=100')
  assert.equal((await world.service()).metadata.annotations?.['kubectl-canary/stable'], 'blue')
  assert.equal((await world.service()).spec.selector?.['version'], 'green')
  await world.does('abort hello')
  assert.deepEqual(await world.state(), start)
})

plain('a share is refused, and the command that it offers switches', async cluster => {
  await using world = await podsWorld(cluster, colours(1, 1))
  const stderr = await world.fails('weight hello green=20')
  assert.match(
    stderr,
    /the selector of Service \S+\/hello names version, so that all its requests go to one version/,
  )
  const [, line] = /keep the way back: kubectl canary (.*) -n/.exec(stderr)!
  await world.does(line!)
  assert.equal((await world.service()).spec.selector?.['version'], 'green')
})

plain(
  'a colour without ready pods gets nothing, and the command that it offers makes them',
  async cluster => {
    await using world = await podsWorld(cluster, colours(2, 0))
    const start = await world.state()
    assert.match(await world.fails('promote hello green'), /version green of hello has no ready workload/)
    await world.kubectl('scale', 'deployment', 'hello-green', '--replicas=1')
    await world.until(
      'a green pod',
      async () => (await world.deployment('hello-green')).status?.readyReplicas === 1,
    )
    const stderr = await world.fails('promote hello green')
    assert.match(
      stderr,
      /version green of hello has 1 ready pod, and blue, which serves the requests now, has 2/,
    )
    const [, line] = /Scale it first: kubectl (.*)/.exec(stderr)!
    await cluster.kubectl(line!.split(' '))
    await world.until(
      'two green pods',
      async () => (await world.deployment('hello-green')).status?.readyReplicas === 2,
    )
    await world.does('promote hello green')
    await world.does('undo hello')
    await world.kubectl('scale', 'deployment', 'hello-green', '--replicas=0')
    assert.deepEqual(await world.state(), start)
  },
)

plain('a preview is a Service of its own until the version is promoted', async cluster => {
  await using world = await podsWorld(cluster, colours(1, 1))
  const start = await world.state()
  const { stdout } = await world.does('init hello --stable blue --preview green')
  assert.match(stdout, /preview at hello-preview → green/)
  assert.deepEqual((await world.service('hello-preview')).spec.selector, { app: 'hello', version: 'green' })
  assert.match((await world.does('status hello')).stdout, /hello-preview \(preview of green\)/)
  await world.does('init hello --stable blue --preview green')
  await world.does('promote hello green')
  assert.equal((await cluster.request(world.path('services', 'hello-preview'))).status, 404)
  await world.does('undo hello --to-revision 0')
  assert.deepEqual(await world.state(), start)
})

plain('cleanup scales the colour down that nobody gets any more', async cluster => {
  await using world = await podsWorld(cluster, colours(1, 1))
  await world.does('promote hello green')
  await world.does('cleanup hello --yes')
  assert.deepEqual(await world.replicas(), { 'hello-blue': 0, 'hello-green': 1 })
})
