import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '../../../plugin/open-store.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { byLabel, pageWorld } from '../api7/api7-world.ts'
import { runCommand, words, type Ended } from '../run-command.ts'
import { fastClock } from '../run/fast-clock.ts'
import { judgeServer } from '../run/judge-server.ts'
import { apisixWorld, leadingTo } from './apisix-world.ts'

const real = clusterTests({ crds: ['istio', 'apisix'] })

interface RunWorld {
  readonly namespace: string
  readonly cluster: { readonly kubeconfig: string }
}

/** Runs `run SERVICE v2` by a plan of two steps that a webhook judges with a status. */
async function rolledOut(world: RunWorld, service: string, { status = 200, more = '' }): Promise<Ended> {
  const judge = await judgeServer(() => status)
  const folder = await mkdtemp(join(tmpdir(), 'canary-run-'))
  const plan = join(folder, 'plan.json')
  const metrics = [{ name: 'smoke', webhook: `${judge.url}/judge` }]
  await writeFile(plan, JSON.stringify({ steps: [10, 50], interval: '45s', threshold: 3, metrics }))
  try {
    const line = `run ${service} v2 --plan ${plan} ${more} -n ${world.namespace} --kubeconfig ${world.cluster.kubeconfig}`
    return await runCommand(words(line), { store: openStore, clock: fastClock() })
  } finally {
    judge.close()
    await rm(folder, { recursive: true, force: true })
  }
}

real('a run on an ApisixRoute whose checks pass promotes the version', async cluster => {
  const world = await apisixWorld(cluster)
  const original = await world.rules()
  const ended = await rolledOut(world, 'catalog', {})
  assert.equal(ended.code, 0, ended.stderr)
  assert.deepEqual(await world.rules(), leadingTo(original, { serviceName: 'catalog-v2' }))
})

real('a run on an ApisixRoute whose checks fail leaves the route as it was', async cluster => {
  const world = await apisixWorld(cluster)
  const before = await world.state()
  const ended = await rolledOut(world, 'catalog', { status: 500 })
  assert.equal(ended.code, 5, ended.stderr)
  assert.deepEqual(await world.state(), before)
})

real('a Job for a run on an ApisixRoute may change that route and no VirtualService', async cluster => {
  const world = await apisixWorld(cluster)
  const { code, stdout, stderr } = await rolledOut(world, 'catalog', {
    more: '--as-job --image example.com/canary:1',
  })
  assert.equal(code, 0, stderr)
  const role = stdout.split('---').find(text => /^kind: Role$/m.test(text)) ?? stdout
  assert.match(role, /apisixroutes/)
  assert.doesNotMatch(role, /virtualservices/)
})

const published = 'api7.cloud/published-service'

real('a run of API7 Cloud judges no stage of 100 %, which nothing could roll back', async cluster => {
  const world = await pageWorld(cluster, byLabel)
  await world.annotate('error-page-v1', { [published]: 'error-page' })
  for (const [flags, says] of [
    [
      '--steps 10,100',
      /a stage of 100 % cannot be judged: all requests of error-page would go to v2 permanently/,
    ],
    ['--mirror 10%', /say nothing of copies of requests/],
    ['--cohort internal', /choose by percentage only/],
  ] as const)
    assert.match(await world.refuses(`run error-page v2 ${flags}`), says)
  assert.deepEqual(await world.said('error-page-v2'), {})
})

real('a run on annotations of API7 Cloud releases the version, or rolls it back', async cluster => {
  const world = await pageWorld(cluster, byLabel)
  await world.annotate('error-page-v1', { [published]: 'error-page' })
  const stable = (await world.service('error-page-v1')).metadata.resourceVersion
  const ended = await rolledOut(world, 'error-page', {})
  assert.equal(ended.code, 0, ended.stderr)
  const said = await world.said('error-page-v2')
  assert.equal(said['api7.cloud/published-service-canary-percentage'], '100')
  assert.equal((await world.service('error-page-v1')).metadata.resourceVersion, stable)
  const other = await pageWorld(cluster, byLabel)
  await other.annotate('error-page-v1', { [published]: 'error-page' })
  const failed = await rolledOut(other, 'error-page', { status: 500 })
  assert.equal(failed.code, 5, failed.stderr)
  assert.deepEqual(Object.keys(await other.said('error-page-v2')), [
    published,
    'api7.cloud/published-service-canary-percentage',
  ])
})
