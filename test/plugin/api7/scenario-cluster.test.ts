import assert from 'node:assert/strict'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { byLabel, byName, pageWorld, type PageWorld } from './api7-world.ts'

const real = clusterTests({ crds: ['istio'] })

const published = { 'api7.cloud/published-service': 'error-page' }
const canary = (percent: string) => ({
  ...published,
  'api7.cloud/published-canary-service': 'true',
  'api7.cloud/published-service-canary-percentage': percent,
})
const rolledBack = { ...published, 'api7.cloud/published-service-canary-percentage': '25' }

/** Runs something, after which the stable Service must not have been written: any event on it pauses the canary. */
async function untouched(world: PageWorld, act: () => Promise<unknown>): Promise<void> {
  const before = (await world.service('error-page-v1')).metadata.resourceVersion
  await act()
  assert.equal((await world.service('error-page-v1')).metadata.resourceVersion, before)
}

real('a page that a person published by hand is released by percentages, and rolled back', async cluster => {
  const world = await pageWorld(cluster, byName)
  await world.annotate('error-page-v1', published)
  assert.match((await world.does('status error-page')).stdout, /v1/)
  await untouched(world, async () => {
    const { stdout, stderr } = await world.does('weight error-page v2=10')
    assert.match(stdout + stderr, /v1 90 %, v2 10 %/)
    assert.match(stdout + stderr, /Any change of Service \S+error-page-v1 pauses the canary in API7 Cloud/)
    assert.deepEqual(await world.said('error-page-v2'), canary('10'))
    assert.match((await world.does('status error-page')).stdout, /v2 .*10\.0 %/)
    assert.match((await world.does('list')).stdout, /error-page/)
    await world.does('weight error-page v2=10')
    await world.does('weight error-page v2=25')
    assert.deepEqual(await world.said('error-page-v2'), canary('25'))
    await world.does('abort error-page')
    assert.deepEqual(await world.said('error-page-v2'), rolledBack)
    assert.match((await world.does('abort error-page')).stderr, /Nothing to abort/)
  })
})

real('a canary that a person began by hand is read, changed and released', async cluster => {
  const world = await pageWorld(cluster, byName)
  await world.annotate('error-page-v1', published)
  await world.annotate('error-page-v2', {
    'api7.cloud/published-canary-service': 'true',
    'api7.cloud/published-service-canary-percentage': '10',
  })
  assert.doesNotMatch((await world.does('status error-page')).stdout, /10\.0 %/)
  await world.annotate('error-page-v2', published)
  assert.match((await world.does('status error-page')).stdout, /v2 .*10\.0 %/)
  await untouched(world, async () => {
    await world.does('weight error-page v2=60')
    assert.deepEqual(await world.said('error-page-v2'), canary('60'))
    for (const line of ['weight error-page v2=100 --dry-run=client', 'promote error-page v2']) {
      const { stdout, stderr } = await world.does(line)
      assert.match(stdout + stderr, /All requests of error-page go to v2 permanently: in API7 Cloud/)
    }
    assert.deepEqual(await world.said('error-page-v2'), canary('100'))
  })
})

real('init publishes the stable version by the name that its versions have in common', async cluster => {
  const world = await pageWorld(cluster, byLabel)
  await world.does('init error-page-v1 --stable v1 --provider api7')
  assert.deepEqual(await world.said('error-page-v1'), published)
  await untouched(world, async () => {
    await world.does('init error-page --stable v1 --provider api7')
    await world.does('weight error-page v2=50')
    assert.match(
      await world.refuses('weight error-page v3=10 --stable v1'),
      /v2 is the canary of error-page already.*\n {2}End that one first: kubectl canary abort error-page/,
    )
  })
})

real('what API7 Cloud does not follow is refused, and nothing is written', async cluster => {
  const world = await pageWorld(cluster, byLabel)
  await world.annotate('error-page-v1', published)
  await untouched(world, async () => {
    const before = await world.said('error-page-v2')
    for (const [line, text] of [
      ['cohort internal error-page --to v2', /annotations of API7 Cloud choose by percentage only/],
      ['mirror error-page v2=10', /say nothing of copies of requests/],
      ['weight error-page v2=10 --sticky', /cannot keep users/],
      [
        'weight error-page v2=0',
        /ignores a percentage of 0.*\n {2}Roll back: kubectl canary abort error-page/,
      ],
      ['weight error-page v2=10,v3=5', /among two versions: v3 is one too many/],
    ] as const)
      assert.match(await world.refuses(line), text, line)
    assert.deepEqual(await world.said('error-page-v2'), before)
  })
})

real('an undo that API7 Cloud would not follow is refused, and one of a percentage is not', async cluster => {
  const world = await pageWorld(cluster, byLabel)
  await world.annotate('error-page-v1', published)
  await world.does('weight error-page v2=10')
  assert.match(
    await world.refuses('undo error-page'),
    /the canary would continue\n {2}Roll back: kubectl canary abort error-page -n/,
  )
  await world.does('weight error-page v2=25')
  await world.does('undo error-page')
  assert.deepEqual(await world.said('error-page-v2'), canary('10'))
  await world.does('abort error-page')
  assert.match(
    await world.refuses('undo error-page'),
    /was rolled back, and the controller .* does not start it/,
  )
  assert.match(await world.refuses('weight error-page v2=30'), /was rolled back/)
  assert.match(await world.refuses('promote error-page v2'), /was rolled back/)
  await world.does('weight error-page v3=30')
  await world.does('promote error-page v3')
  assert.match(await world.refuses('undo error-page'), /100 % is final/)
  assert.match(
    await world.refuses('promote error-page v1'),
    /is finished, which API7 Cloud does not take back/,
  )
})

real('init takes the host that clients ask for, at which try says who gets a request', async cluster => {
  const world = await pageWorld(cluster, byLabel)
  const host = `page.${world.namespace}.example.com`
  await world.does(`init error-page-v1 --stable v1 --provider api7 --host ${host}`)
  assert.deepEqual(await world.said('error-page-v1'), { 'api7.cloud/published-service': host })
  await world.does('weight error-page v2=20')
  const { stdout } = await world.does(`try http://${host}/`)
  assert.match(stdout, /v1.*80/s)
  assert.match(stdout, /v2.*20/s)
  await world.annotate('error-page-v2', { 'api7.cloud/published-service-canary-percentage': '0' })
  assert.match(
    (await world.does('status error-page')).stdout,
    /its percentage is not from 1 to 100, so API7 Cloud ignores it/,
  )
  const { code, stderr } = await world.canary(`try http://${host}/`)
  assert.equal(code, 1)
  assert.match(stderr, /cannot tell where API7 Cloud sends requests/)
})
