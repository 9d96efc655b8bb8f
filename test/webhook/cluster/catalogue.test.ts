import assert from 'node:assert/strict'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { all, destinationRule, route } from './manifests.ts'
import { deployment, routed, routedTests } from './scene.ts'

const routedTest = routedTests(clusterTests())

routedTest('a valid canary is applied without a warning', async ({ kubectl }) => {
  const { code, stderr } = await kubectl('apply -f -', all(...routed.slice(0, 4), route(80, 20)))
  assert.deepEqual([code, stderr], [0, ''])
})

routedTest('routes that would break are refused', async ({ refused }) => {
  await refused('weights-sum-to-100', 'apply -f -', route(90, 20))
  await refused('undefined-subset', 'apply -f -', route(90, 10).replace('subset: v2', 'subset: v9'))
})

routedTest("deleting in Helm's order, or the route first, is admitted", async ({ taken }) => {
  await taken('delete service catalog')
  await taken('delete deployment catalog-v1 catalog-v2')
  await taken('delete destinationrule catalog')
  await taken('delete virtualservice catalog')
  await taken('apply -f -', all(...routed))
  for (const object of [
    'virtualservice catalog',
    'destinationrule catalog',
    'deployment catalog-v1',
    'deployment catalog-v2',
    'service catalog',
  ])
    await taken(`delete ${object}`)
})

const scaledToNothing = deployment('v1').replace('spec:', 'spec:\n  replicas: 0')

routedTest('deleting in any order is not blocked by workloads', async ({ kubectl, taken }) => {
  await taken('scale deployment catalog-v2 --replicas=0')
  await taken('apply -f -', scaledToNothing)
  const { code, stderr } = await kubectl('delete deployment catalog-v1')
  assert.equal(code, 0, stderr)
  await taken('delete deployment catalog-v2')
  await taken('apply -f -', all(...routed))
  const gone = await kubectl('delete deployment catalog-v2')
  assert.deepEqual(
    [gone.code, /^Warning: subset-matches-no-workload: .* \(VirtualService /m.test(gone.stderr)],
    [0, true],
    gone.stderr,
  )
})

routedTest('a weight step and a rollback are not blocked by existing problems', async ({ taken, guard }) => {
  const metadata = 'annotations: { kubectl-canary/exempt: "undefined-subset: test" }'
  await taken('apply -f -', route(90, 10, { metadata }))
  await taken('apply -f -', destinationRule(['v1']))
  await taken('apply -f -', route(90, 10))
  await taken('apply -f -', route(80, 20))
  assert.equal(guard.decisions('catalog').at(-1)?.['verdict'], 'warned')
})
