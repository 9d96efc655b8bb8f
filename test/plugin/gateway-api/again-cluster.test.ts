import assert from 'node:assert/strict'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { gatewayWorld, grpcRoute, httpRoute } from './gateway-world.ts'

const real = clusterTests({ crds: ['istio', 'gateway-api'] })

const days = [
  ['weight catalog v2=10'],
  ['weight catalog v2=100'],
  ['mirror catalog v2=30'],
  ['mirror catalog v2=100'],
  ['weight catalog v2=10', 'weight catalog v2=0'],
  ['weight catalog v2=10', 'promote catalog v2'],
  ['weight catalog v2=10', 'abort catalog'],
  ['weight catalog v2=10', 'mirror catalog v2=30', 'promote catalog v2'],
]

for (const [what, yaml] of [
  ['an HTTPRoute', httpRoute('gateway')],
  ['a GRPCRoute', grpcRoute],
  [
    'several routes',
    `${httpRoute('gateway').replace('{ name: catalog,', '{ name: public-catalog,')}---${httpRoute('service')}`,
  ],
] as const)
  real(
    `a command that is given again changes nothing, and undo ends where it began, with ${what}`,
    async cluster => {
      for (const lines of days) {
        const world = await gatewayWorld(cluster, yaml)
        const start = await world.state()
        for (const line of lines) await world.does(line)
        const before = await world.state()
        const { stdout } = await world.does(lines.at(-1)!)
        assert.doesNotMatch(stdout, /configured/, lines.join(' · '))
        assert.deepEqual(await world.state(), before, lines.join(' · '))
        await world.does('undo catalog --to-revision 0')
        assert.deepEqual(await world.state(), start, lines.join(' · '))
      }
    },
  )
