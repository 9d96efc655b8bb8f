import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '../../../plugin/open-store.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { runCommand, words, type Ended } from '../run-command.ts'
import { fastClock } from '../run/fast-clock.ts'
import { judgeServer } from '../run/judge-server.ts'
import { backend, gatewayWorld, httpRoute, services, type GatewayWorld } from './gateway-world.ts'

const real = clusterTests({ crds: ['istio', 'gateway-api'] })

const mesh = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: catalog }
spec: { hosts: [catalog], http: [{ route: [{ destination: { host: catalog-v1 } }] }] }
`

/** A run of v2 in one step, which does something else once it has begun. */
async function runOf(world: GatewayWorld, more: string, meanwhile: () => Promise<unknown>): Promise<Ended> {
  const judge = await judgeServer()
  const folder = await mkdtemp(join(tmpdir(), 'canary-run-'))
  const plan = join(folder, 'plan.json')
  const metrics = [{ name: 'smoke', webhook: `${judge.url}/judge` }]
  await writeFile(plan, JSON.stringify({ steps: [10], interval: '45s', threshold: 3, metrics }))
  let isDone = false
  const clock = fastClock(async seconds => {
    if (isDone || seconds < 10) return
    isDone = true
    await meanwhile()
  })
  const line = `run catalog v2 --plan ${plan} -n ${world.namespace} --kubeconfig ${world.cluster.kubeconfig} ${more}`
  try {
    return await runCommand(words(line.trim()), { store: openStore, clock })
  } finally {
    judge.close()
    await rm(folder, { recursive: true, force: true })
  }
}

real('abort and promote without an API change the routes of the run in progress', async cluster => {
  for (const [verb, code] of [
    ['abort catalog', 1],
    ['abort', 1],
    ['promote catalog v2', 0],
  ] as const) {
    const world = await gatewayWorld(cluster, `${httpRoute('service')}---${mesh}`)
    const virtual = await cluster.expect(world.path('virtualservices', 'catalog'))
    const ended = await runOf(world, '--provider gateway-api', () => world.does(verb))
    assert.equal(ended.code, code, ended.stderr)
    const [first] = (await world.route()).spec!.rules!
    assert.deepEqual(first!.backendRefs, [backend(code === 0 ? 'catalog-v2' : 'catalog-v1')])
    assert.deepEqual(await cluster.expect(world.path('virtualservices', 'catalog')), virtual)
  }
})

real(
  'a promotion of another version than that of the run, and an abort after it, ask for the API',
  async cluster => {
    const world = await gatewayWorld(cluster, `${httpRoute('service')}---${mesh}`)
    const ended = await runOf(world, '--provider gateway-api', async () => {
      const { code, stderr } = await world.canary('promote catalog v1')
      assert.equal(code, 2, stderr)
    })
    assert.equal(ended.code, 0, ended.stderr)
    assert.equal((await world.canary('abort catalog')).code, 2)
  },
)

real('a run continues where another API routes its Service, too', async cluster => {
  const world = await gatewayWorld(cluster, mesh, services)
  const ended = await runOf(world, '', () =>
    cluster.apply(httpRoute('service'), { namespace: world.namespace }),
  )
  assert.equal(ended.code, 0, ended.stdout + ended.stderr)
  const [first] = (await world.route()).spec!.rules!
  assert.equal(first!.backendRefs?.[0]?.name, 'catalog-v1')
})

real(
  'the abort of the routes of another API than the run names the command that ends the run',
  async cluster => {
    const world = await gatewayWorld(cluster, mesh, services)
    const ended = await runOf(world, '', async () => {
      await cluster.apply(httpRoute('service'), { namespace: world.namespace })
      const { stderr } = await world.does('abort catalog --provider gateway-api')
      await world.does(/To abort it: kubectl canary (.*)$/m.exec(stderr)![1]!)
    })
    assert.equal(ended.code, 1, ended.stdout + ended.stderr)
    assert.match(ended.stdout, /v2 was aborted/)
  },
)

real('a run stops where its routes are deleted and another API routes its Service', async cluster => {
  for (const more of ['', '--provider istio']) {
    const world = await gatewayWorld(cluster, mesh, services)
    const ended = await runOf(world, more, async () => {
      await cluster.expect(world.path('virtualservices', 'catalog'), { method: 'DELETE' })
      await cluster.apply(httpRoute('service'), { namespace: world.namespace })
    })
    assert.equal(ended.code, 1, ended.stderr)
    assert.match(ended.stdout, /v2 was stopped .*: the routes of VirtualService \S+ were changed/)
  }
})
