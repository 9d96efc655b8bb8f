import assert from 'node:assert/strict'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { backend, gatewayWorld, grpcRoute, httpRoute, type GatewayWorld } from './gateway-world.ts'

const withV1p1 = clusterTests({ crds: ['istio', 'gateway-api-v1.1'] })
const withV1p3 = clusterTests({ crds: ['istio', 'gateway-api-v1.3'] })

/** Without timeouts, which are of the standard channel since v1.2. */
const oldRoute = httpRoute('gateway').replace(', timeouts: { request: 5s }', '')

/** The verbs, and the way back to the first byte; gives the backends of the last rule after the weights. */
async function throughTheVerbs(world: GatewayWorld, resource: 'httproutes' | 'grpcroutes') {
  const start = await world.state()
  await world.does('cohort internal catalog --to v2')
  await world.does('weight catalog v2=10')
  await world.does('cohort internal catalog --remove')
  const weighted = (await world.route(resource)).spec?.rules?.at(-1)?.backendRefs
  await world.does('mirror catalog v2=100')
  await world.does('mirror catalog --off')
  await world.does('promote catalog v2')
  await world.does('undo catalog --to-revision 0')
  assert.deepEqual(await world.state(), start)
  return weighted
}
const tenth = [backend('catalog-v1', 90), backend('catalog-v2', 10)]

for (const [version, real] of [
  ['v1.1', withV1p1],
  ['v1.3', withV1p3],
] as const) {
  real(`an HTTPRoute goes through the verbs and back with the definitions of ${version}`, async cluster => {
    assert.deepEqual(await throughTheVerbs(await gatewayWorld(cluster, oldRoute), 'httproutes'), tenth)
  })
  real(`a GRPCRoute goes through the verbs and back with the definitions of ${version}`, async cluster => {
    assert.deepEqual(await throughTheVerbs(await gatewayWorld(cluster, grpcRoute), 'grpcroutes'), tenth)
  })
}

withV1p3('a part is mirrored with the definitions of v1.3, by HTTPRoutes and GRPCRoutes', async cluster => {
  for (const [route, resource] of [
    [oldRoute, 'httproutes'],
    [grpcRoute, 'grpcroutes'],
  ] as const) {
    const world = await gatewayWorld(cluster, route)
    const start = await world.state()
    await world.does('mirror catalog v2=25')
    const [filter] = (await world.route(resource)).spec!.rules!.at(-1)!.filters!
    assert.equal(filter!.requestMirror!.percent, 25)
    await world.does('mirror catalog --off')
    assert.deepEqual(await world.state(), start)
  }
})

withV1p1(
  'a mirror of a part is refused where the definitions know no part, and its fix works',
  async cluster => {
    const world = await gatewayWorld(cluster, oldRoute)
    const start = await world.state()
    let fix = ''
    for (const part of ['25', '0.5']) {
      const { code, stderr } = await world.canary(`mirror catalog v2=${part} --history-limit=9`)
      const field = part === '25' ? 'percent' : 'fraction'
      assert.equal(code, 1, stderr)
      assert.equal(
        stderr.slice(stderr.indexOf('error: ')),
        `error: HTTPRoute ${world.namespace}/catalog: the definition of httproutes.gateway.networking.k8s.io on this cluster has no field spec.rules[0].filters[1].requestMirror.${field}, spec.rules[2].filters[0].requestMirror.${field}
  It is older than v1.3 of the Gateway API, and without the field all requests would be mirrored. Upgrade the custom resource definitions of the Gateway API, or mirror all requests.
  To mirror all: kubectl canary mirror catalog v2=100 --history-limit=9 -n ${world.namespace} --kubeconfig ${cluster.kubeconfig}
`,
      )
      assert.deepEqual(await world.state(), start)
      fix = /kubectl canary (.*)\n$/.exec(stderr)![1]!
    }
    await world.does(fix)
    assert.deepEqual((await world.route()).spec?.rules?.[2]?.filters, [
      {
        type: 'RequestMirror',
        requestMirror: { backendRef: { group: '', kind: 'Service', name: 'catalog-v2', port: 80 } },
      },
    ])
    await world.does('mirror catalog --off')
    assert.deepEqual(await world.state(), start)
  },
)
