import assert from 'node:assert/strict'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { byLabel, pageWorld } from '../api7/api7-world.ts'
import { apisixWorld } from './apisix-world.ts'

const real = clusterTests({ crds: ['istio', 'apisix'] })

real('looks at an ApisixRoute: list, status, cohorts, doctor, lint and cleanup', async cluster => {
  const world = await apisixWorld(cluster)
  await world.does('cohort internal catalog --to v2 --until 2d')
  await world.does('weight catalog v2=10')
  assert.match((await world.does('list')).stdout, /catalog.*v1/)
  const { stdout } = await world.does('status catalog -o json')
  assert.ok(stdout.includes('"ApisixRoute"') && stdout.includes(`${world.namespace}.example.com`), stdout)
  assert.match((await world.does('cohorts')).stdout, /internal.*v2/)
  assert.notEqual((await world.canary('doctor catalog')).stdout, '')
  assert.doesNotMatch((await world.canary('lint')).stderr, /unexpected/)
  await world.does('promote catalog v2')
  assert.match((await world.does('cleanup catalog --yes')).stdout, /catalog-v1/)
  assert.deepEqual(
    (await world.rules()).map(({ backends }) => backends![0]!.serviceName),
    ['catalog-v2', 'other', 'catalog-v2'],
  )
})

real('looks at annotations of API7 Cloud: list, status, doctor and cleanup', async cluster => {
  const world = await pageWorld(cluster, byLabel)
  await world.annotate('error-page-v1', { 'api7.cloud/published-service': 'error-page' })
  await world.does('weight error-page v2=10')
  assert.match((await world.does('list')).stdout, /error-page.*v1/)
  assert.match((await world.does('status error-page -o json')).stdout, /"api7-cloud"/)
  assert.notEqual((await world.canary('doctor error-page')).stdout, '')
  await world.does('promote error-page v2')
  const before = await world.said('error-page-v1')
  await world.does('cleanup error-page --yes')
  assert.deepEqual(await world.said('error-page-v1'), before)
})
