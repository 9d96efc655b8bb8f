import assert from 'node:assert/strict'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { gatewayWorld, httpRoute } from './gateway-world.ts'

const real = clusterTests({ crds: ['istio', 'gateway-api'] })

const edits = [
  'cohort internal catalog --to v2',
  'weight catalog v2=10',
  'mirror catalog v2=30',
  'promote catalog v2',
]

real('a route that a controller owns is left to it', async cluster => {
  const world = await gatewayWorld(cluster, httpRoute('gateway'))
  await cluster.expect(world.path('httproutes', 'catalog'), {
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    body: {
      metadata: {
        ownerReferences: [
          {
            apiVersion: 'flagger.app/v1beta1',
            kind: 'Canary',
            name: 'catalog',
            uid: '3b4f6d1e-0000-4000-8000-000000000001',
            controller: true,
          },
        ],
      },
    },
  })
  const start = await world.state()
  for (const line of edits)
    assert.match(
      await world.refuses(line),
      new RegExp(`error: .*HTTPRoute ${world.namespace}/catalog.*Canary ${world.namespace}/catalog`, 's'),
    )
  assert.deepEqual(await world.state(), start)
})

real('a cohort by labels of callers is refused, at gateways and in the mesh', async cluster => {
  for (const at of ['gateway', 'service'] as const) {
    const world = await gatewayWorld(cluster, httpRoute(at))
    const start = await world.state()
    assert.match(
      await world.refuses('cohort internal catalog --to v2 --source-label app=front'),
      /error: cohort internal cannot be set at HTTPRoute \S+\/catalog spec\.rules\[0\]: an HTTPRoute cannot tell callers by their labels\n {2}Choose other conditions with --header, --cookie or --query/,
    )
    assert.deepEqual(await world.state(), start)
  }
})

real('a cohort for which a route has no room is refused, and fits on one of its rules', async cluster => {
  const rules = Array.from(
    { length: 9 },
    (_, i) =>
      `{ matches: [{ path: { type: Exact, value: /p${i} } }], backendRefs: [{ name: catalog-v1, port: 80 }] }`,
  )
  const world = await gatewayWorld(
    cluster,
    `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: catalog }
spec: { parentRefs: [{ name: public }], hostnames: [catalog.example.com], rules: [${rules.join(', ')}] }
`,
  )
  const start = await world.state()
  assert.match(
    await world.refuses('cohort internal catalog --to v2'),
    /error: HTTPRoute \S+\/catalog would have 18 rules, and the Gateway API allows 16\n {2}A cohort takes a rule for each rule/,
  )
  assert.deepEqual(await world.state(), start)
  await world.does('cohort internal catalog --to v2 --route /p3')
  assert.equal((await world.route()).spec?.rules?.length, 10)
  await world.does('cohort internal catalog --remove')
  assert.deepEqual(await world.state(), start)
})

const virtualService = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: catalog }
spec: { hosts: [catalog], http: [{ route: [{ destination: { host: catalog-v1 } }] }] }
`

real(
  'of two APIs that route a service a person chooses one, by the command that the error gives',
  async cluster => {
    const world = await gatewayWorld(cluster, `${httpRoute('service')}---${virtualService}`)
    const start = await world.state()
    for (const line of edits) {
      const { code, stderr } = await world.canary(line)
      assert.equal(code, 2, stderr)
      assert.match(
        stderr,
        new RegExp(
          `^error: catalog is routed by several APIs: VirtualService ${world.namespace}/catalog, HTTPRoute ${world.namespace}/catalog$`,
          'm',
        ),
      )
      assert.deepEqual(await world.state(), start)
    }
    const { stderr } = await world.canary('weight catalog v2=10')
    const virtual = await cluster.expect(world.path('virtualservices', 'catalog'))
    const given = /kubectl canary (.* --provider gateway-api)$/m.exec(stderr)![1]!
    await world.does(given)
    assert.equal((await world.route()).spec?.rules?.[2]?.backendRefs?.[1]?.weight, 10)
    assert.deepEqual(await cluster.expect(world.path('virtualservices', 'catalog')), virtual)
    await world.does('abort catalog --provider gateway-api')
    assert.deepEqual(await world.state(), start)
  },
)
