/** Objects whose deletion a finalizer holds for ever: what does not begin to use them goes on. */
import assert from 'node:assert/strict'
import { clusterTests } from '../../../cluster/cluster-test.ts'
import { until } from '../../../cluster/cluster.ts'
import { destinationRule, route, service } from '../manifests.ts'
import { deployment, routedTests, type Scene } from '../scene.ts'

const routedTest = routedTests(clusterTests())

const held = '{"metadata":{"finalizers":["example.com/hold"]}}'

/** Deletes an object that routes use, while the guard does not judge the namespace. */
async function beginDeletion({ cluster, kubectl, namespace, taken }: Scene, object: string): Promise<void> {
  await taken(`patch ${object} --type=merge -p ${held}`)
  await cluster.kubectl(['label', 'namespace', namespace, 'kubectl-canary/guard=disabled'])
  await taken(`delete ${object} --wait=false`)
  await cluster.kubectl(['label', 'namespace', namespace, 'kubectl-canary/guard-'])
  await until('the namespace is judged again', async () => {
    const { code } = await kubectl('apply --dry-run=server -f -', route(90, 9))
    return code === 1
  })
}

const orders = (manifest: string): string => manifest.replaceAll('catalog', 'orders')

for (const object of [
  'destinationrule catalog',
  'service catalog',
  'deployment catalog-v1',
  'deployment catalog-v2',
] as const)
  routedTest(`a ${object} whose deletion hangs stops no change of what uses it already`, async scene => {
    const { taken } = scene
    await beginDeletion(scene, object)
    await taken('apply -f -', route(80, 20))
    await taken('apply -f -', route(50, 50))
    for (const manifest of [
      service,
      deployment('v1'),
      deployment('v2'),
      destinationRule(['v1', 'v2']),
      route(90, 10),
    ])
      await taken('apply -f -', orders(manifest))
    await taken('apply -f -', deployment('v3'))
    await taken('set image deployment/catalog-v1 c=d')
    await taken('set image deployment/catalog-v2 c=d')
    await taken('apply -f -', route(100, 0))
    await taken('delete virtualservice catalog')
  })

routedTest('a version may be used again where another workload has it', async scene => {
  const { refused, taken } = scene
  await taken('apply -f -', route(100, 0))
  await beginDeletion(scene, 'deployment catalog-v2')
  const message = await refused('subset-matches-no-workload', 'apply -f -', route(90, 10))
  assert.match(message, /Deployment \S+\/catalog-v2 is being deleted/)
  await taken('apply -f -', deployment('v2').replaceAll('catalog-v2', 'catalog-next'))
  await taken('apply -f -', route(90, 10))
})
