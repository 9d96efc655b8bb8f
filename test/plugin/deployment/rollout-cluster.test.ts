import assert from 'node:assert/strict'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { passingServer, type PassedWrite } from '../history/passing-server.ts'
import { pods, podsWorld, service, tracks, type PodsWorld } from './pods-world.ts'

const plain = clusterTests({ crds: [], controllerManager: true })

/** A Service over one Deployment without a version. */
const single = service('hello', 'app: hello') + pods('hello', 'app: hello', { replicas: 3 })

/** What a command writes of a Deployment, and where; its version is that of what was read. */
async function writesOf(
  world: PodsWorld,
  run: (server: string) => Promise<unknown>,
): Promise<readonly object[]> {
  const writes: PassedWrite[] = []
  await using server = await passingServer(world.cluster, async write => {
    if (write.path.includes('/deployments/')) writes.push(write)
  })
  await run(server.url)
  return writes.map(({ method, path, body }) => {
    const { metadata: { resourceVersion: _, ...metadata } = {}, ...rest } = JSON.parse(body) as {
      readonly metadata?: { readonly resourceVersion?: string }
    }
    return { method, path, body: { ...rest, ...(Object.keys(metadata).length > 0 && { metadata }) } }
  })
}

const kubectl = (world: PodsWorld, ...args: readonly string[]) =>
  writesOf(world, server => world.kubectl(...args, '--server', server))
const ours = (world: PodsWorld, line: string) =>
  writesOf(world, server => world.does(`${line} --server ${server}`))

plain('pause and resume send what kubectl sends', async cluster => {
  await using world = await podsWorld(cluster, single)
  for (const verb of ['pause', 'resume']) {
    const theirs = await kubectl(world, 'rollout', verb, 'deployment/hello')
    await world.kubectl('rollout', verb === 'pause' ? 'resume' : 'pause', 'deployment/hello')
    assert.deepEqual(await ours(world, `${verb} hello`), theirs)
    assert.equal(theirs.length, 1)
    assert.match((await world.does(`${verb} hello`)).stdout, /unchanged/)
  }
})

plain('scaling sends what kubectl scale sends', async cluster => {
  await using world = await podsWorld(cluster, tracks(4, 0))
  const theirs = [
    ...(await kubectl(world, 'scale', 'deployment', 'hello-canary', '--replicas=1')),
    ...(await kubectl(world, 'scale', 'deployment', 'hello', '--replicas=3')),
  ]
  await world.kubectl('scale', 'deployment', 'hello-canary', '--replicas=0')
  await world.kubectl('scale', 'deployment', 'hello', '--replicas=4')
  assert.deepEqual(await ours(world, 'weight hello canary=25'), theirs)
})

plain('status shows a rollout in progress, and pause holds it', async cluster => {
  await using world = await podsWorld(cluster, single)
  world.broken.add('hello:2')
  await world.kubectl('set', 'image', 'deployment/hello', 'app=hello:2')
  await world.until('a new pod', async () => /old/.test((await world.does('status hello')).stdout))
  const { stdout } = await world.does('pause hello')
  assert.match(
    stdout,
    /hello: the rollout of Deployment hello is paused \(1 of 3 pods updated, 3 old, 3 ready\)/,
  )
  assert.match(
    (await world.does('status hello')).stdout,
    /rollout of Deployment hello: 1 of 3 pods updated, 3 old, 3 ready, paused; to continue: kubectl\s+canary resume hello/,
  )
  world.broken.clear()
  await world.does('resume hello')
  await world.until(
    'the rollout is over',
    async () => !/rollout/.test((await world.does('status hello')).stdout),
  )
})

plain('undo takes a rollout back as kubectl does', async cluster => {
  await using world = await podsWorld(
    cluster,
    single + service('twin', 'app: twin') + pods('twin', 'app: twin', { replicas: 1, image: 'hello:1' }),
  )
  for (const name of ['hello', 'twin'])
    for (const version of [2, 3])
      await world.kubectl('set', 'image', `deployment/${name}`, `app=hello:${version}`)
  await world.until('three revisions', async () =>
    /deployment\/hello:3/.test((await world.does('history hello')).stdout),
  )
  await world.kubectl('rollout', 'undo', 'deployment/twin')
  assert.match((await world.does('undo hello')).stdout, /rolled back to revision 2 \(hello:2\)/)
  const image = async (name: string) => {
    const { metadata, spec } = await world.deployment(name)
    const annotations = Object.keys(metadata.annotations ?? {}).filter(key => !key.includes('last-applied'))
    return [spec.template?.spec?.containers?.[0]?.image, annotations]
  }
  assert.deepEqual(await image('hello'), await image('twin'))
  await world.until('revision 4', async () =>
    /deployment\/hello:4/.test((await world.does('history hello')).stdout),
  )
  await world.does('undo hello --to-revision 1')
  assert.equal((await image('hello'))[0], 'hello:1')
  assert.match(await world.fails('undo hello --to-revision 9', 1), /Deployment hello has no revision 9/)
})

plain('pause names the Deployments where it could be several', async cluster => {
  await using world = await podsWorld(cluster, tracks(1, 1))
  const stderr = await world.fails('pause hello', 2)
  assert.match(stderr, /2 Deployments are behind hello/)
  assert.match(stderr, /kubectl rollout pause deployment hello -n/)
})
