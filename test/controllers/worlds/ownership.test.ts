import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryStore } from '../../plugin/memory-store.ts'
import { runCommand, words, type Ended } from '../../plugin/run-command.ts'
import { ControllerStore, liveObjects, worldNames } from './worlds.ts'

const ask = (world: string, line: string): Promise<Ended> =>
  runCommand(words(line), { store: new ControllerStore(liveObjects(world)) })

/** Each world of a Rollout, and every name by which people may ask for what it owns. */
const named: readonly (readonly [string, string, readonly string[]])[] = [
  ['rollout-umbrella', 'checkout', ['checkout', 'checkout-stable', 'checkout-canary']],
  [
    'rollout-gateway-api',
    'rollouts-demo',
    [
      'rollouts-demo',
      'argo-rollouts-stable-service',
      'argo-rollouts-canary-service',
      // As status and list call it.
      'argo-rollouts',
    ],
  ],
  ['rollout-istio-hosts', 'rollouts-demo', ['stable-svc', 'canary-svc']],
  ['rollout-istio-subsets', 'rollouts-demo', ['rollouts-demo']],
  ['rollout-replicas', 'rollouts-demo', ['rollouts-demo']],
  [
    'rollout-blue-green',
    'rollout-bluegreen',
    ['rollout-bluegreen-active', 'rollout-bluegreen-preview', 'rollout-bluegreen'],
  ],
]

for (const [world, rollout, services] of named)
  test(`${world}: by each name of a Service every verb says that the Rollout owns it`, async () => {
    const owner = `Rollout shop/${rollout}`
    for (const service of services) {
      for (const order of ['pause', 'resume', 'retry', 'abort', 'undo', 'promote --step', 'promote --full']) {
        const [verb, ...flags] = order.split(' ')
        const { code, stdout, stderr } = await ask(
          world,
          `${[verb, service, ...flags].join(' ')} --dry-run=client`,
        )
        assert.equal(code, 0, `${order} ${service}: ${stderr}`)
        assert.match(stdout, new RegExp(`${owner}|${rollout} unchanged`), `${order} ${service}`)
      }
      for (const edit of [`weight ${service} canary=40`, `cohort beta ${service} --to canary`]) {
        const { code, stderr } = await ask(world, edit)
        assert.equal(code, 3, `${edit}: ${stderr}`)
        assert.match(stderr, new RegExp(owner), edit)
        assert.doesNotMatch(stderr, /[Ll]abel the pods|kubectl canary init/, edit)
      }
      const { stdout } = await ask(world, `status ${service}`)
      assert.match(stdout, new RegExp(`Argo Rollouts: ${owner} is Paused`), service)
    }
  })

test('the list of a namespace has no service of a rollout in another one', async () => {
  const listed = async (namespace: string): Promise<string> => {
    const store = new MemoryStore(liveObjects('rollout-blue-green'), { namespace })
    return (await runCommand(['list'], { store })).stdout
  }
  assert.match(await listed('shop'), /rollout-bluegreen/)
  assert.doesNotMatch(await listed('other'), /rollout-bluegreen/)
})

test('a version that a controller rolls out is listed with its owner, whether a route splits its requests or not', async () => {
  for (const world of worldNames) {
    const owner = liveObjects(world).find(({ kind }) => kind === 'Rollout' || kind === 'Canary')!
    const { stdout } = await ask(world, 'list -n shop')
    assert.match(stdout, new RegExp(`OWNER[^]*${owner.kind} shop/${owner.metadata.name}`), world)
  }
  const done = liveObjects('rollout-replicas').map(object =>
    object.kind === 'Rollout' ? { ...object, status: { stableRS: 'c3', currentPodHash: 'c3' } } : object,
  )
  assert.equal((await runCommand(words('list -n shop'), { store: new ControllerStore(done) })).stdout, '')
})

for (const [world, versions] of [
  ['rollout-umbrella', ['checkout-canary +1/1', 'checkout-stable +3/3']],
  ['rollout-gateway-api', ['argo-rollouts-canary-service +1/1', 'argo-rollouts-stable-service +3/3']],
  ['rollout-istio-hosts', ['canary-svc +1/1', 'stable-svc +3/3']],
  ['rollout-istio-subsets', ['canary +1/1', 'stable +3/3']],
] as const)
  test(`${world}: each version has the pods of its ReplicaSet alone`, async () => {
    const { stdout } = await ask(world, 'status -n shop')
    for (const version of versions) assert.match(stdout, new RegExp(version))
  })
