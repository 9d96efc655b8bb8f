import assert from 'node:assert/strict'
import { until } from '../../cluster/cluster.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { guarded } from './guarded.ts'
import { all, destinationRule, route, service } from './manifests.ts'

const base = all(service, destinationRule(['v1', 'v2']))
const controlled = clusterTests({ controllerManager: true })
const bare = clusterTests({ crds: [] })

controlled('a namespace full of routed objects is deleted without a word', async cluster => {
  const namespace = await cluster.namespace()
  await using _guard = await guarded(cluster)
  await cluster.apply(base, { namespace })
  await cluster.apply(route(90, 10), { namespace })
  await cluster.expect(`/api/v1/namespaces/${namespace}`, { method: 'DELETE' })
  await until(
    'the namespace is gone',
    async () => (await cluster.request(`/api/v1/namespaces/${namespace}`)).status === 404,
  )
})

controlled('an object with an existing problem can be labelled and fixed, with a warning', async cluster => {
  const namespace = await cluster.namespace()
  await cluster.apply(all(base, route(90, 20)), { namespace })
  await using guard = await guarded(cluster)
  const labelled = await cluster.kubectl(['label', 'virtualservice', 'catalog', 'team=a', '-n', namespace])
  assert.deepEqual([labelled.code, /^Warning: weights-sum-to-100/m.test(labelled.stderr)], [0, true])
  await cluster.apply(route(90, 10), { namespace })
  assert.deepEqual(
    guard.decisions('catalog').map(({ verdict }) => verdict),
    ['warned', 'allowed'],
  )
})

controlled('the guard is at work again after the API server was killed', async cluster => {
  const namespace = await cluster.namespace()
  await cluster.apply(base, { namespace })
  await using guard = await guarded(cluster)
  await cluster.restartApiServer()
  await until('a change of the cluster arrives in the view', async () => {
    await cluster.kubectl([
      'label',
      'service',
      'catalog',
      `at=t${Date.now()}`,
      '--overwrite',
      '-n',
      namespace,
    ])
    return (
      guard.guard.cache.view.get({ kind: 'Service', namespace, name: 'catalog' })?.metadata.labels?.['at']
      !== undefined
    )
  })
  assert.equal(
    (await cluster.kubectl(['apply', '-f', '-', '-n', namespace], { stdin: route(90, 20) })).code,
    1,
  )
  assert.equal(
    (await cluster.kubectl(['apply', '-f', '-', '-n', namespace], { stdin: route(90, 10) })).code,
    0,
  )
})

bare('kinds that nobody serves at the start, and that come later, are normal', async cluster => {
  const start = guarded(cluster)
  await cluster.addCrds('istio')
  await using guard = await start
  const namespace = await cluster.namespace()
  await cluster.apply(base, { namespace })
  await until(
    'the view has what is new',
    async () => guard.guard.cache.view.list('DestinationRule', namespace).length === 1,
  )
  assert.equal(
    (await cluster.kubectl(['apply', '-f', '-', '-n', namespace], { stdin: route(90, 20) })).code,
    1,
  )
})
