/** Workloads whose pods run, as in every cluster with controllers: what pods have of their template must not speak for the next one. */
import assert from 'node:assert/strict'
import { clusterTests } from '../../../cluster/cluster-test.ts'
import { until } from '../../../cluster/cluster.ts'
import { all, destinationRule, idleWeight, route, service } from '../manifests.ts'
import { deployment, routedTests, type Scene } from '../scene.ts'

const routedTest = routedTests(clusterTests({ controllerManager: true }))

async function untilPodsOf({ kubectl }: Scene, name: string, labels: string): Promise<string> {
  let pod = ''
  await until(`${name} has a pod with ${labels}`, async () => {
    pod = (await kubectl(`get pods -l name=${name},${labels} -o name`)).stdout.trim()
    return pod !== ''
  })
  return pod
}

const asStatefulSet = (manifest: string): string => manifest.replace('kind: Deployment', 'kind: StatefulSet')

const byHand = (labels: string): string =>
  asStatefulSet(deployment('v2', labels)).replace('spec:\n', 'spec:\n  updateStrategy: { type: OnDelete }\n')
const replacedByHand = (version: string): string => byHand(`app: catalog, version: ${version}`)
const unlabelledByHand = byHand('app: catalog')

for (const kind of ['Deployment', 'StatefulSet'] as const) {
  const v2 =
    kind === 'Deployment'
      ? deployment
      : (...args: Parameters<typeof deployment>) => asStatefulSet(deployment(...args))
  routedTest(`a ${kind} whose pods run may not lose its version label, or get another one`, async scene => {
    const { refused, taken } = scene
    await taken('delete deployment catalog-v2')
    await taken('apply -f -', v2('v2'))
    await untilPodsOf(scene, 'catalog-v2', 'version=v2')
    await refused('missing-version-label', 'apply -f -', v2('v2', 'app: catalog'))
    await refused('subset-matches-no-workload', 'apply -f -', v2('v2', 'app: catalog, version: v3'))
    await taken('apply -f -', v2('v2', 'app: catalog, version: v2, team: shop'))
  })
}

routedTest('a rollout undo to a revision without the version label is refused', async scene => {
  const { cluster, namespace, refused, taken } = scene
  await cluster.kubectl(['label', 'namespace', namespace, 'kubectl-canary/guard=disabled'])
  await taken('apply -f -', deployment('v2', 'app: catalog'))
  await untilPodsOf(scene, 'catalog-v2', '!version')
  await taken('apply -f -', deployment('v2'))
  await untilPodsOf(scene, 'catalog-v2', 'version=v2')
  await cluster.kubectl(['label', 'namespace', namespace, 'kubectl-canary/guard-'])
  await until('the namespace is judged again', async () => {
    const { code } = await scene.kubectl('apply --dry-run=server -f -', route(90, 9))
    return code === 1
  })
  await refused('missing-version-label', 'rollout undo deployment catalog-v2')
})

routedTest('a workload that is replaced is not excused by the pods of the one before', async scene => {
  await untilPodsOf(scene, 'catalog-v2', 'version=v2')
  await scene.taken('delete deployment catalog-v2 --cascade=orphan')
  await scene.refused('missing-version-label', 'apply -f -', deployment('v2', 'app: catalog'))
})

routedTest(
  'a label that pods get at admission counts, whatever else changes in the template',
  async scene => {
    const { cluster } = scene
    const namespace = await cluster.namespace()
    const there: Scene = {
      ...scene,
      kubectl: (args, stdin = '') => cluster.kubectl([...args.split(' '), '-n', namespace], { stdin }),
    }
    await cluster.apply(all(service, deployment('v1'), deployment('v2', 'app: catalog')), { namespace })
    const pod = await untilPodsOf(there, 'catalog-v2', '!version')
    assert.equal((await there.kubectl(`label ${pod} version=v2`)).code, 0)
    await cluster.apply(all(destinationRule(['v1', 'v2']), route(90, 10)), { namespace })
    const changed = await there.kubectl('apply -f -', deployment('v2', 'app: catalog, team: shop'))
    assert.equal(changed.code, 0, changed.stderr)
  },
)

routedTest(
  'a Service whose selector takes in one version alone is refused while the pods of all run',
  async scene => {
    await untilPodsOf(scene, 'catalog-v1', 'version=v1')
    await untilPodsOf(scene, 'catalog-v2', 'version=v2')
    const selector = '{"spec":{"selector":{"version":"v1"}}}'
    await scene.refused('subset-matches-no-workload', `patch service catalog -p ${selector}`)
  },
)

routedTest(
  'a Service that loses its selector is refused, as its EndpointSlices would stay as they are',
  async scene => {
    const { kubectl, refused, taken } = scene
    await untilPodsOf(scene, 'catalog-v1', 'version=v1')
    assert.match((await kubectl('get endpointslices -o name')).stdout, /\/catalog-/)
    const removal = '[{"op":"remove","path":"/spec/selector"}]'
    await refused('subset-matches-no-workload', `patch service catalog --type=json -p ${removal}`)
    await refused('subset-matches-no-workload', 'patch service catalog -p {"spec":{"selector":null}}')
    // It merges nothing into the selector.
    await taken('patch service catalog -p {"spec":{"selector":{}}}')
  },
)

routedTest('a route to a version whose pods are about to be replaced by others is refused', async scene => {
  const { kubectl, refused, taken } = scene
  await untilPodsOf(scene, 'catalog-v2', 'version=v2')
  await taken('delete virtualservice catalog')
  // Nothing makes the new pods ready, so the old ones stay.
  await taken('apply -f -', deployment('v2', 'app: catalog'))
  await untilPodsOf(scene, 'catalog-v2', '!version')
  assert.match((await kubectl('get pods -l version=v2 -o name')).stdout, /^pod\//)
  await refused('subset-matches-no-workload', 'apply -f -', route(90, 10))
})

routedTest(
  'a StatefulSet whose pods are replaced when they are deleted has the version of each pod that runs',
  async scene => {
    const { kubectl, refused, taken } = scene
    await taken('delete deployment catalog-v2')
    await taken('apply -f -', replacedByHand('v2'))
    await untilPodsOf(scene, 'catalog-v2', 'version=v2')
    await taken('apply -f -', destinationRule(['v1', 'v2', 'v3']))
    await taken('apply -f -', replacedByHand('v3'))
    await taken('apply -f -', route(80, 20))
    const toV3 = route(90, 10).replace('subset: v2', 'subset: v3')
    await refused('subset-matches-no-workload', 'apply -f -', toV3)
    const toAll = '{"spec":{"updateStrategy":{"type":"RollingUpdate"}}}'
    const denial = await refused('subset-matches-no-workload', `patch statefulset catalog-v2 -p ${toAll}`)
    assert.match(denial, /spec\.updateStrategy: \{"type":"OnDelete"/)
    assert.equal((await kubectl('delete pod catalog-v2-0')).code, 0)
    await untilPodsOf(scene, 'catalog-v2', 'version=v3')
    await taken('apply -f -', toV3)
  },
)

routedTest(
  'a StatefulSet whose next pods lack the version label is refused, whenever they come',
  async scene => {
    const { refused, taken } = scene
    await taken('delete deployment catalog-v2')
    await taken('apply -f -', replacedByHand('v2'))
    await untilPodsOf(scene, 'catalog-v2', 'version=v2')
    await refused('missing-version-label', 'apply -f -', unlabelledByHand)
    await taken('delete virtualservice catalog')
    await taken('apply -f -', unlabelledByHand)
    await refused('missing-version-label', 'apply -f -', route(90, 10))
  },
)

routedTest('a route to the pods below the partition of a StatefulSet is admitted', async scene => {
  const { refused, taken } = scene
  const partitioned = (partition: number, version: string): string =>
    asStatefulSet(deployment('v2', `app: catalog, version: ${version}`)).replace(
      'spec:\n',
      `spec:\n  updateStrategy: { rollingUpdate: { partition: ${partition} } }\n`,
    )
  await taken('delete deployment catalog-v2')
  await taken('apply -f -', partitioned(1, 'v2'))
  await untilPodsOf(scene, 'catalog-v2', 'version=v2')
  await taken('delete virtualservice catalog')
  await taken('apply -f -', partitioned(1, 'v3'))
  await taken('apply -f -', route(80, 20))
  await taken('delete virtualservice catalog')
  await taken('apply -f -', partitioned(0, 'v3'))
  await refused('subset-matches-no-workload', 'apply -f -', route(80, 20))
})

/** A StatefulSet with as many pods as it keeps back at `partition: 2`. */
const ofTwo = (partition: number, labels: string): string =>
  asStatefulSet(deployment('v2', labels)).replace(
    'spec:\n',
    `spec:\n  replicas: 2\n  updateStrategy: { rollingUpdate: { partition: ${partition} } }\n`,
  )

for (const [change, next, rule] of [
  ['loses the label', 'app: catalog', 'missing-version-label'],
  ['gets another one', 'app: catalog, version: v3', 'subset-matches-no-workload'],
] as const) {
  routedTest(
    `a template that ${change} is admitted while all pods stay, and refused when they go`,
    async scene => {
      const { kubectl, refused, taken } = scene
      await taken('delete deployment catalog-v2')
      await taken('apply -f -', ofTwo(2, 'app: catalog, version: v2'))
      await untilPodsOf(scene, 'catalog-v2', 'version=v2')
      await taken('apply -f -', ofTwo(2, next))
      const toAll = '{"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}'
      const denial = await refused(rule, `patch statefulset catalog-v2 -p ${toAll}`)
      assert.match(denial, /"partition":2|spec\.template\.metadata\.labels\.version: v2/)
      await refused(rule, 'apply -f -', ofTwo(0, next))
      assert.equal((await kubectl(`apply -f -`, ofTwo(0, 'app: catalog, version: v2'))).code, 0)
    },
  )

  routedTest(
    `a paused Deployment whose template ${change} is admitted, and its resume refused`,
    async scene => {
      const { refused, taken } = scene
      await untilPodsOf(scene, 'catalog-v2', 'version=v2')
      await taken('rollout pause deployment catalog-v2')
      await taken('apply -f -', deployment('v2', next))
      const denial = await refused(rule, 'rollout resume deployment catalog-v2')
      assert.match(denial, /spec\.paused: true|spec\.template\.metadata\.labels\.version: v2/)
      await taken('apply -f -', deployment('v2'))
      await taken('rollout resume deployment catalog-v2')
    },
  )
}

routedTest(
  'the denial of a change of one workload does not accuse another one whose pods are kept back',
  async scene => {
    const { refused, taken } = scene
    await untilPodsOf(scene, 'catalog-v2', 'version=v2')
    await taken('rollout pause deployment catalog-v2')
    await taken('apply -f -', deployment('v2', 'app: catalog, version: v3'))
    const denial = await refused(
      'subset-matches-no-workload',
      'apply -f -',
      deployment('v1', 'app: catalog, version: v4'),
    )
    assert.doesNotMatch(denial, /subset v2|kubectl delete virtualservice/)
  },
)

/** A version with a Service of its own, found by one label. */
const canary = (track: string): string =>
  deployment('v2', `app: cart, track: ${track}`)
    .replaceAll('app: catalog', 'app: cart')
    .replaceAll('catalog-v2', 'cart')
const toCanary = all(
  service.replace('name: catalog', 'name: cart').replace('app: catalog', 'track: canary'),
  idleWeight.replaceAll('catalog', 'cart').replace(', subset: v1', '').replace('weight: 90', 'weight: 100'),
)

routedTest('pods that are kept back are seen by a label that their template lost', async scene => {
  const { kubectl, refused, taken } = scene
  await taken('apply -f -', all(canary('canary'), toCanary))
  await untilPodsOf(scene, 'cart', 'track=canary')
  await taken('rollout pause deployment cart')
  await taken('apply -f -', canary('none'))
  const routed = await kubectl('patch virtualservice cart --type=merge -p {"spec":{"exportTo":["."]}}')
  assert.deepEqual([routed.code, routed.stderr], [0, ''])
  await refused('subset-matches-no-workload', 'rollout resume deployment cart')
})

routedTest(
  'a StatefulSet whose next pods lack the label of the Service is refused, whenever they come',
  async scene => {
    const { refused, taken } = scene
    const byHandOf = (manifest: string): string =>
      asStatefulSet(manifest).replace('spec:\n', 'spec:\n  updateStrategy: { type: OnDelete }\n')
    await taken('apply -f -', all(byHandOf(canary('canary')), toCanary))
    await untilPodsOf(scene, 'cart', 'track=canary')
    const unlabelled = byHandOf(canary('canary').replace(', track: canary', ''))
    const denial = await refused('subset-matches-no-workload', 'apply -f -', unlabelled)
    assert.match(denial, /spec\.template\.metadata\.labels\.track: canary/)
    await taken('apply -f -', byHandOf(canary('next')))
  },
)

routedTest('a route to a version that no pod has yet, as all are kept back, is refused', async scene => {
  const { refused, taken } = scene
  const toV3 = route(90, 10).replace('subset: v2', 'subset: v3')
  await untilPodsOf(scene, 'catalog-v2', 'version=v2')
  await taken('rollout pause deployment catalog-v2')
  await taken('apply -f -', deployment('v2', 'app: catalog, version: v3'))
  await taken('apply -f -', destinationRule(['v1', 'v2', 'v3']))
  await refused('subset-matches-no-workload', 'apply -f -', toV3)
  await taken('apply -f -', route(80, 20))
  await taken('delete deployment catalog-v2')
  await taken('apply -f -', ofTwo(2, 'app: catalog, version: v3'))
  await untilPodsOf(scene, 'catalog-v2', 'version=v3')
  await taken('apply -f -', toV3)
})

routedTest('a part of a StatefulSet may get another version, and not all of it', async scene => {
  const { refused, taken } = scene
  await taken('delete deployment catalog-v2')
  await taken('apply -f -', ofTwo(0, 'app: catalog, version: v2'))
  await untilPodsOf(scene, 'catalog-v2', 'version=v2')
  await refused('subset-matches-no-workload', 'apply -f -', ofTwo(0, 'app: catalog, version: v3'))
  await taken('apply -f -', ofTwo(1, 'app: catalog, version: v3'))
  await taken('apply -f -', destinationRule(['v1', 'v2', 'v3']))
  await taken('apply -f -', route(80, 20))
  await taken('apply -f -', route(90, 10).replace('subset: v1', 'subset: v3'))
  await refused('subset-matches-no-workload', 'apply -f -', ofTwo(0, 'app: catalog, version: v3'))
})
