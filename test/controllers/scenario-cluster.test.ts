import assert from 'node:assert/strict'
import type { Cluster } from '../cluster/cluster.ts'
import { clusterTests } from '../cluster/cluster-test.ts'
import { canary, canaryObjects, progressing, succeeded } from './canary-objects.ts'
import { controllersWorld, type ControllersWorld } from './controllers-world.ts'
import { atPause, replicaSet, rolloutObjects } from './rollout-objects.ts'

const real = clusterTests({ crds: ['istio', 'controllers'] })

const routes = (weights: readonly [number, number]): object => ({
  spec: {
    http: [
      {
        match: [{ sourceLabels: { app: 'webapp' } }],
        route: [
          { destination: { host: 'catalog-primary' }, weight: weights[0] },
          { destination: { host: 'catalog-canary' }, weight: weights[1] },
        ],
      },
      // Flagger leaves a lone weight there in the middle of a rollout.
      { route: [{ destination: { host: 'catalog-primary' }, weight: weights[0] }] },
    ],
  },
})

/** The catalog as Flagger has it between two releases. */
async function catalogWorld(cluster: Cluster): Promise<ControllersWorld> {
  const world = await controllersWorld(cluster, canary, {
    'canaries/catalog-release': { ...succeeded, phase: 'Initialized' },
  })
  const { metadata } = await world.get('canaries/catalog-release')
  await cluster.apply(canaryObjects(metadata.uid!), { namespace: world.namespace })
  for (const name of ['catalog', 'catalog-primary'])
    await world.patch(`deployments/${name}/status`, { status: { replicas: 1, readyReplicas: 1 } })
  await world.patch('virtualservices/catalog', routes([100, 0]))
  return world
}

/** Flagger's next step: its routes, then its status. */
async function advance(
  { patch }: ControllersWorld,
  weight: number,
  { failedChecks }: { readonly failedChecks: number },
): Promise<void> {
  await patch('virtualservices/catalog', routes([100 - weight, weight]))
  const status = { ...progressing, canaryWeight: weight, failedChecks }
  await patch('canaries/catalog-release/status', { status })
}

real('a release that Flagger automates is shown at each step, and no rule says a word', async cluster => {
  const world = await catalogWorld(cluster)
  const { does, namespace } = world
  const owner = `Canary ${namespace}/catalog-release`
  assert.match((await does('status catalog')).stdout, new RegExp(`Flagger: ${owner} is Initialized\\n`))
  assert.equal((await does('list')).stdout, '')
  for (const [weight, failedChecks] of [
    [10, 0],
    [20, 1],
  ] as const) {
    await advance(world, weight, { failedChecks })
    const { stdout } = await does('status catalog')
    assert.match(
      stdout.replaceAll(/\s+/g, ' '),
      new RegExp(`${owner} is Progressing at ${weight} %, ${failedChecks} of 5 failed checks: New revision`),
    )
    assert.match(stdout, new RegExp(`catalog-canary +${weight}.0 %`))
    assert.match((await does('list')).stdout, new RegExp(`OWNER.*\\n.*${owner}`))
    const { services } = JSON.parse((await does('status catalog -o json')).stdout) as {
      readonly services: readonly { readonly findings: readonly object[] }[]
    }
    assert.deepEqual(services[0]!.findings, [])
  }
})

real('a release that Flagger automates is respected, held, let go on, and promoted', async cluster => {
  const world = await catalogWorld(cluster)
  const { does, refuses, canary: run, get, patch, namespace, sent } = world
  await advance(world, 20, { failedChecks: 1 })
  const before = await get('virtualservices/catalog')
  for (const line of [
    'weight catalog catalog-canary=50',
    'cohort internal catalog --to catalog-canary',
    'abort catalog',
  ])
    await refuses(line)
  assert.deepEqual(await get('virtualservices/catalog'), before)
  assert.deepEqual(sent(), [])

  await does('pause catalog')
  assert.match((await does('status catalog')).stdout.replaceAll(/\s+/g, ' '), /failed checks, suspended:/)
  await does('resume catalog')
  await does('promote catalog --full')
  await patch('virtualservices/catalog', routes([100, 0]))
  await patch('canaries/catalog-release/status', { status: succeeded })
  const { stdout } = await does('status catalog')
  assert.match(stdout, new RegExp(`Flagger: Canary ${namespace}/catalog-release is Succeeded`))

  // The same automation without a controller, from its own analysis.
  const taken = await run('run catalog v2 --from-canary catalog-release --simulate good')
  assert.match(
    taken.stderr,
    /--step 10 --max 50 --interval 45s --threshold 5 --metric request-success-rate:min=99:1m --metric request-duration:max=500:30s --source-label app=webapp/,
  )
})

real('status shows the steps, the phase, the ReplicaSets and the routes of a Rollout', async cluster => {
  const { does, get, patch, namespace } = await controllersWorld(cluster, rolloutObjects, {
    'rollouts/checkout': {
      ...atPause,
      canary: {
        weights: {
          canary: { weight: 20, podTemplateHash: 'c3' },
          stable: { weight: 80, podTemplateHash: 'b2' },
        },
      },
    },
  })
  const { metadata } = await get('rollouts/checkout')
  for (const [revision, hash] of [
    [1, 'a1'],
    [2, 'b2'],
    [3, 'c3'],
  ] as const)
    await cluster.apply(replicaSet(revision, hash, metadata.uid!), { namespace })
  await patch('replicasets/checkout-b2', { spec: { replicas: 2 } })
  await patch('replicasets/checkout-b2/status', { status: { replicas: 2, readyReplicas: 2 } })
  const { stdout } = await does('status checkout-stable -o wide')
  for (const line of [
    `Argo Rollouts: Rollout ${namespace}/checkout is Paused at 20 %, step 2 of 4: CanaryPauseStep`,
    '  steps: setWeight 20, [pause], analysis, setWeight 60',
    '  revision 3, canary: ReplicaSet checkout-c3, 0 of 0 pods ready (registry.example.com/checkout:3)',
    '  revision 2, stable: ReplicaSet checkout-b2, 2 of 2 pods ready (registry.example.com/checkout:2)',
    `  writes VirtualService ${namespace}/checkout`,
  ])
    assert.ok(stdout.includes(line), `${line}\n${stdout}`)
  assert.doesNotMatch(stdout, /checkout-a1/)
})
