import assert from 'node:assert/strict'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { colours, pods, podsWorld, service } from './pods-world.ts'

const plain = clusterTests({ crds: [], controllerManager: true })

plain('a rolling update is watched, held in the middle, continued and taken back', async cluster => {
  await using world = await podsWorld(
    cluster,
    service('hello', 'app: hello') + pods('hello', 'app: hello', { replicas: 3 }),
  )
  world.broken.add('hello:2')
  await world.kubectl('set', 'image', 'deployment/hello', 'app=hello:2')
  await world.until('some pods are new', async () =>
    /1 of 3 pods updated, 3 old/.test((await world.does('status hello')).stdout),
  )
  await world.does('pause hello')
  world.broken.clear()
  await world.until('one new pod is ready beside the old ones', async () =>
    /1 of 3 pods updated, 2 old|4 ready/.test((await world.does('status hello')).stdout),
  )
  assert.match((await world.does('status hello')).stdout, /paused/)
  await world.does('resume hello')
  await world.until(
    'the update is over',
    async () => !/rollout/.test((await world.does('status hello')).stdout),
  )
  assert.match(
    (await world.does('history hello')).stdout,
    /deployment\/hello:1.*hello:1[^]*deployment\/hello:2.*hello:2/,
  )
  await world.does('undo hello')
  const { spec } = await world.deployment('hello')
  assert.equal(spec.template?.spec?.containers?.[0]?.image, 'hello:1')
})

plain(
  'a canary Deployment beside hello gets its share by pods, and keeps users where that is asked',
  async cluster => {
    await using world = await podsWorld(
      cluster,
      service('hello', 'app: hello')
        + pods('hello', 'app: hello, track: stable, version: 1.0.0', { replicas: 3 })
        + pods('hello-canary', 'app: hello, track: canary, version: 2.0.0', { replicas: 1 }),
    )
    const status = async () => (await world.does('status hello')).stdout
    assert.match(await status(), /everyone → 1\.0\.0 {2}75\.0 %[^]*2\.0\.0 {2}25\.0 %/)
    assert.match((await world.does('list')).stdout, /hello +- +1\.0\.0=75,2\.0\.0=25/)
    const tried = (await world.does('try http://hello')).stdout
    assert.match(tried, /1\.0\.0 +75 %/)
    assert.match(tried, /2\.0\.0 +25 %/)
    const sticky = await world.does('weight hello canary=50 --sticky --ttl 1h')
    assert.match(sticky.stderr, /keeps each client address at the pod that it got, for 1h/)
    assert.deepEqual(await world.replicas(), { hello: 2, 'hello-canary': 2 })
    assert.match(await status(), /client address → keeps its pod for 1h after the last request/)
    assert.equal((await world.service()).spec.sessionAffinity, 'ClientIP')
    await world.does('promote hello 2.0.0')
    assert.deepEqual(await world.replicas(), { hello: 0, 'hello-canary': 4 })
    assert.equal((await world.service()).spec.sessionAffinity, 'None')
    await world.does('undo hello --to-revision 0')
    assert.deepEqual(await world.replicas(), { hello: 3, 'hello-canary': 1 })
    await world.does('abort hello')
    assert.deepEqual(await world.replicas(), { hello: 3, 'hello-canary': 0 })
  },
)

plain('blue and green are switched by one edit, and back by one', async cluster => {
  await using world = await podsWorld(cluster, colours(2, 2))
  assert.match((await world.does('status hello')).stdout, /everyone → blue {2}100\.0 %/)
  await world.does('promote hello green')
  assert.match((await world.does('status hello')).stdout, /everyone → green {2}100\.0 %/)
  await world.does('undo hello')
  assert.equal((await world.service()).spec.selector?.['version'], 'blue')
})
