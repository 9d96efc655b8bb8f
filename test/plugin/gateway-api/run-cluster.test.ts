import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openStore } from '../../../plugin/open-store.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { until } from '../../cluster/cluster.ts'
import { runCommand, words, type Ended } from '../run-command.ts'
import { fastClock } from '../run/fast-clock.ts'
import { judgeServer } from '../run/judge-server.ts'
import { backend, gatewayWorld, httpRoute, type GatewayWorld } from './gateway-world.ts'

const real = clusterTests({ crds: ['istio', 'gateway-api'] })

/** Runs `run catalog v2` by a plan of two steps that a webhook judges with a status. */
async function rolledOut(world: GatewayWorld, status: number, more = ''): Promise<Ended> {
  const judge = await judgeServer(() => status)
  const folder = await mkdtemp(join(tmpdir(), 'canary-run-'))
  const plan = join(folder, 'plan.json')
  const metrics = [{ name: 'smoke', webhook: `${judge.url}/judge` }]
  await writeFile(plan, JSON.stringify({ steps: [10, 50], interval: '45s', threshold: 3, metrics }))
  try {
    const line = `run catalog v2 --plan ${plan} ${more} -n ${world.namespace} --kubeconfig ${world.cluster.kubeconfig}`
    return await runCommand(words(line.replace(/ +/g, ' ')), { store: openStore, clock: fastClock() })
  } finally {
    judge.close()
    await rm(folder, { recursive: true, force: true })
  }
}

const backendsOf = async (world: GatewayWorld) =>
  (await world.route()).spec!.rules!.map(({ backendRefs }) => backendRefs)

real('a run on an HTTPRoute whose checks pass promotes the version', async cluster => {
  const world = await gatewayWorld(cluster, httpRoute('service'))
  const ended = await rolledOut(world, 200)
  assert.equal(ended.code, 0, ended.stderr)
  assert.deepEqual(await backendsOf(world), [
    [backend('catalog-v2')],
    [backend('other')],
    [backend('catalog-v2')],
  ])
})

real('a run on an HTTPRoute whose checks fail leaves the route as it was', async cluster => {
  const world = await gatewayWorld(cluster, httpRoute('gateway'))
  const before = await world.state()
  const ended = await rolledOut(world, 500)
  assert.equal(ended.code, 5, ended.stderr)
  assert.deepEqual(await world.state(), before)
})

real('a Job for a run on an HTTPRoute may change that route and no VirtualService', async cluster => {
  const world = await gatewayWorld(cluster, httpRoute('service'))
  const { code, stdout, stderr } = await rolledOut(world, 200, '--as-job --image example.com/canary:1')
  assert.equal(code, 0, stderr)
  const role = stdout.split('---').find(text => /^kind: Role$/m.test(text)) ?? stdout
  assert.match(role, /httproutes/)
  assert.doesNotMatch(role, /virtualservices/)
})

/** Plays the controller of Gateways: accepts a route as it is, and none that names v2, whenever it has changed. */
function playController(world: GatewayWorld): () => Promise<void> {
  let isOver = false
  let seen = ''
  const look = async () => {
    const { metadata, spec } = await world.route()
    const generation = metadata.generation!
    if (String(generation) === seen) return
    seen = String(generation)
    const isRefused = JSON.stringify(spec).includes('catalog-v2')
    const condition = (type: string, status: boolean) => ({
      type,
      status: status ? 'True' : 'False',
      reason: status ? type : 'BackendNotFound',
      message: status ? '' : 'catalog-v2 has no endpoints here',
      observedGeneration: generation,
      lastTransitionTime: new Date().toISOString(),
    })
    const parent = {
      parentRef: { name: 'public' },
      controllerName: 'example.com/gateways',
      conditions: [condition('Accepted', true), condition('ResolvedRefs', !isRefused)],
    }
    await world.cluster.expect(`${world.path('httproutes', 'catalog')}/status`, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: { status: { parents: [parent] } },
    })
  }
  const looking = (async () => {
    for (; !isOver; await sleep(20)) await look()
  })()
  return async () => {
    isOver = true
    await looking
  }
}

real('a run ends where the controller refuses its first step, and takes the route back', async cluster => {
  const world = await gatewayWorld(cluster, httpRoute('gateway'))
  const before = await world.state()
  const stop = playController(world)
  await until('the controller has spoken', async () => (await world.route()).status !== undefined)
  const ended = await rolledOut(world, 200)
  await stop()
  assert.equal(ended.code, 5, ended.stdout + ended.stderr)
  assert.match(
    ended.stdout + ended.stderr,
    /HTTPRoute \S+\/catalog is written, but example\.com\/gateways does not carry it out: .*catalog-v2 has no endpoints here/,
  )
  assert.deepEqual(await world.state(), before)
})
