import assert from 'node:assert/strict'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { pods, podsWorld, service } from './pods-world.ts'

const plain = clusterTests({ crds: [], controllerManager: true })

/** A Service over one Deployment without a version. */
const single = service('hello', 'app: hello') + pods('hello', 'app: hello', { replicas: 2 })

plain('a freeze holds a rollout that is to go on, and nothing that holds or takes it back', async cluster => {
  await using world = await podsWorld(cluster, single)
  await world.kubectl('set', 'image', 'deployment/hello', 'app=hello:2')
  await world.kubectl('annotate', 'service', 'hello', 'kubectl-canary/freeze=2020-01-01/2999-01-01 holidays')
  await world.does('pause hello')
  assert.match(
    await world.fails('resume hello'),
    /hello is frozen: Service \S+\/hello has a freeze until 2999-01-01 \(holidays\)\n.*\n {2}To let it continue now: kubectl canary resume hello .*--force/,
  )
  assert.equal((await world.deployment('hello')).spec.paused, true)
  await world.does('resume hello --force')
  await world.does('undo hello')
  const { spec } = await world.deployment('hello')
  assert.match(JSON.stringify(spec.template), /hello:1/)
})

plain('a rollout that a GitOps tool would set back is left to it, unless a person insists', async cluster => {
  await using world = await podsWorld(cluster, single)
  await world.kubectl('set', 'image', 'deployment/hello', 'app=hello:2')
  const labels = [
    'kustomize.toolkit.fluxcd.io/name=shop',
    'kustomize.toolkit.fluxcd.io/namespace=flux-system',
  ]
  await world.kubectl('label', 'deployment', 'hello', ...labels)
  for (const [line, says] of [
    ['pause hello', /applied by Flux .*\n {2}Set spec\.paused: true in the files that it applies/],
    ['undo hello', /applied by Flux .*\n {2}Take the change back in the files that it applies/],
  ] as const) {
    const before = await world.state()
    const stderr = await world.fails(line)
    assert.match(stderr, says)
    assert.deepEqual(await world.state(), before)
    const insisting = /(\S+ hello .*--force)$/m.exec(stderr)?.[1]
    assert.ok(insisting !== undefined, stderr)
    await world.does(`${line} --force`)
    if (line === 'pause hello') await world.does('resume hello --force')
  }
})
