import assert from 'node:assert/strict'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { podsWorld, tracks, type PodsWorld } from './pods-world.ts'

const plain = clusterTests({ crds: [], controllerManager: true })

const autoscaler = (of: string): string => `---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: ${of} }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: ${of} }
  minReplicas: 2
  maxReplicas: 9
`

const budget = (labels: string, least: number): string => `---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: hello }
spec: { minAvailable: ${least}, selector: { matchLabels: { ${labels} } } }
`

/** The kubectl commands of an error, carried out as they are printed. */
async function followed(world: PodsWorld, stderr: string): Promise<void> {
  const lines = [...stderr.matchAll(/kubectl (patch .*?)$/gm)].map(([, line]) => line!)
  assert.notEqual(lines.length, 0, stderr)
  for (const line of lines) {
    const words = line.split(/ (?=(?:[^']*'[^']*')*[^']*$)/).map(word => word.replaceAll("'", ''))
    const { code, stderr: error } = await world.cluster.kubectl(words)
    assert.equal(code, 0, error)
  }
}

plain(
  'an autoscaler that would set the replicas back is named, and its bound makes the edit',
  async cluster => {
    await using world = await podsWorld(cluster, tracks(4, 0) + autoscaler('hello'))
    const start = await world.state()
    const stderr = await world.fails('weight hello canary=25')
    assert.match(
      stderr,
      /error: HorizontalPodAutoscaler \S+\/hello scales Deployment \S+\/hello and would set 3 replicas back/,
    )
    assert.deepEqual(await world.state(), start)
    await followed(world, stderr)
    await world.does('weight hello canary=25')
    assert.deepEqual(await world.replicas(), { hello: 3, 'hello-canary': 1 })
    await world.does('abort hello')
    assert.equal((await world.replicas())['hello-canary'], 0)
  },
)

plain('a version that is taken away whole needs no bound of its autoscaler', async cluster => {
  await using world = await podsWorld(cluster, tracks(2, 0) + autoscaler('hello'))
  await world.does('promote hello canary')
  assert.deepEqual(await world.replicas(), { hello: 0, 'hello-canary': 2 })
})

plain('a budget is kept, and asking for less makes the edit', async cluster => {
  await using world = await podsWorld(cluster, tracks(4, 0) + budget('app: hello, track: stable', 3))
  await world.does('weight hello canary=25')
  const stderr = await world.fails('weight hello canary=50')
  assert.match(stderr, /PodDisruptionBudget \S+\/hello asks for 3 available pods, and 2 would be left/)
  await followed(world, stderr)
  await world.does('weight hello canary=50')
  assert.deepEqual(await world.replicas(), { hello: 2, 'hello-canary': 2 })
})

plain('a budget of all pods is no hindrance to moving them', async cluster => {
  await using world = await podsWorld(cluster, tracks(3, 0) + budget('app: hello', 3))
  await world.does('weight hello canary=34')
  await world.does('promote hello canary')
  assert.ok(world.seen.every(({ hello = 0, 'hello-canary': canary = 0 }) => hello + canary >= 3))
})

plain('what requests cannot be told apart for is refused with the reason and a way', async cluster => {
  await using world = await podsWorld(cluster, tracks(1, 1))
  const start = await world.state()
  assert.match(
    await world.fails('cohort internal hello --to canary'),
    /requests cannot be told apart: a Service of Kubernetes spreads connections over pods and reads no request\n {2}Send the version a share of the requests instead: kubectl canary weight hello canary=10/,
  )
  assert.match(await world.fails('mirror hello canary=10'), /requests cannot be mirrored/)
  assert.match(
    await world.fails('weight hello canary=10 --route /a', 2),
    /hello has no routes to choose from/,
  )
  assert.match(await world.fails('weight hello canary=10 --sticky --cookie x'), /sets no cookie/)
  assert.match(await world.fails('weight hello canary=10 --sticky --ttl 2d'), /for a day at most/)
  assert.match(
    await world.fails('init hello --stable stable --gateway public --host a.example.com'),
    /has no routes/,
  )
  assert.deepEqual(await world.state(), start)
})

plain('a Deployment that a controller owns is left to it', async cluster => {
  await using world = await podsWorld(cluster, tracks(1, 1))
  const owner = { apiVersion: 'shop.example.com/v1', kind: 'Shop', name: 'main', controller: true }
  const uid = (await world.service()).metadata.uid
  await cluster.expect(world.path('deployments', 'hello'), {
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    body: { metadata: { ownerReferences: [{ ...owner, uid }] } },
  })
  // The owner is no object that there is: the garbage collector must not find out in the middle.
  for (const line of ['weight hello canary=20', 'promote hello canary', 'abort hello'])
    assert.match(await world.fails(line), /Deployment \S+\/hello belongs to Shop \S+\/main/)
})

plain(
  'other replicas in the middle of an edit are somebody else’s, and it is planned again',
  async cluster => {
    const { passingServer } = await import('../history/passing-server.ts')
    await using world = await podsWorld(cluster, tracks(4, 0))
    let scaled = false
    await using server = await passingServer(cluster, async ({ path }) => {
      if (scaled || path !== `${world.path('deployments', 'hello-canary')}/scale`) return
      scaled = true
      await world.kubectl('scale', 'deployment', 'hello', '--replicas=8')
    })
    const { stderr } = await world.does(`weight hello canary=50 --server ${server.url}`)
    assert.match(stderr, /changed by someone else in the meantime|trying again/)
    assert.deepEqual(await world.replicas(), { hello: 4, 'hello-canary': 4 })
  },
)
