import assert from 'node:assert/strict'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { gatewayWorld, grpcRoute, httpRoute } from './gateway-world.ts'

const real = clusterTests({ crds: ['istio', 'gateway-api'] })

for (const [what, yaml] of [
  ['an HTTPRoute', httpRoute('gateway')],
  ['a GRPCRoute', grpcRoute],
] as const)
  real(`at the end of a canary the owner of ${what} applies it without a conflict`, async cluster => {
    const world = await gatewayWorld(cluster)
    const apply = (host: string) =>
      cluster.kubectl(['apply', '--server-side', '--field-manager=owner', '-n', world.namespace, '-f', '-'], {
        stdin: yaml
          .replace('catalog.example.com', host)
          .replace('catalog-v1, port', `catalog-v1, weight: 1, port`),
      })
    assert.equal((await apply('a.example.com')).code, 0)
    for (const [begin, end] of [
      ['cohort internal catalog --to v2', 'cohort internal catalog --remove'],
      ['weight catalog v2=10', 'abort catalog'],
      ['mirror catalog v2=30', 'mirror catalog --off'],
    ] as const) {
      await world.does(begin)
      assert.match((await apply('b.example.com')).stderr, /conflict with "kubectl-canary"/)
      await world.does(end)
      const { code, stderr } = await apply('b.example.com')
      assert.equal(code, 0, `${end}: ${stderr}`)
    }
  })
