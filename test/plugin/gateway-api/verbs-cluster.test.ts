import assert from 'node:assert/strict'
import type { RouteRule, ServiceRoute } from '../../../shared/objects/gateway-api.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { backend, gatewayWorld, grpcRoute, httpRoute, leadingTo, type GatewayWorld } from './gateway-world.ts'

const real = clusterTests({ crds: ['istio', 'gateway-api'] })

interface Case {
  readonly what: string
  readonly resource: 'httproutes' | 'grpcroutes'
  readonly yaml: string
  /** The rules of cohort internal, as the server completes them. */
  readonly cohort: readonly RouteRule[]
}

const header = (type = 'Exact') => [{ name: 'x-istio-cohort', type, value: 'internal' }]
const httpCohort = [
  {
    matches: [{ path: { type: 'PathPrefix', value: '/items' }, headers: header() }],
    filters: [
      { type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'x-auth', value: '1' }] } },
    ],
    backendRefs: [backend('catalog-v2')],
  },
  {
    matches: [{ path: { type: 'PathPrefix', value: '/' }, headers: header() }],
    timeouts: { request: '5s' },
    backendRefs: [backend('catalog-v2')],
  },
] as readonly RouteRule[]
const cases: readonly Case[] = [
  {
    what: 'an HTTPRoute at a Gateway',
    resource: 'httproutes',
    yaml: httpRoute('gateway'),
    cohort: httpCohort,
  },
  {
    what: 'an HTTPRoute at a Service',
    resource: 'httproutes',
    yaml: httpRoute('service'),
    cohort: httpCohort,
  },
  {
    what: 'a GRPCRoute',
    resource: 'grpcroutes',
    yaml: grpcRoute,
    cohort: [
      {
        matches: [{ method: { type: 'Exact', service: 'shop.Catalog', method: 'List' }, headers: header() }],
        backendRefs: [backend('catalog-v2')],
      },
      { matches: [{ headers: header() }], backendRefs: [backend('catalog-v2')] },
    ] as readonly RouteRule[],
  },
]

const rulesOf = ({ spec }: ServiceRoute): readonly RouteRule[] => spec!.rules as readonly RouteRule[]

interface Started {
  readonly world: GatewayWorld
  readonly start: readonly unknown[]
  readonly rules: () => Promise<readonly RouteRule[]>
  readonly original: readonly RouteRule[]
}

for (const { what, resource, yaml, cohort } of cases) {
  const begin = async (cluster: Parameters<typeof gatewayWorld>[0]): Promise<Started> => {
    const world = await gatewayWorld(cluster, yaml)
    const rules = async () => rulesOf(await world.route(resource))
    return { world, start: await world.state(), rules, original: await rules() }
  }

  real(`a cohort adds rules to ${what}, and its removal leaves nothing`, async cluster => {
    const { world, start, rules, original } = await begin(cluster)
    await world.does('cohort internal catalog --to v2')
    assert.deepEqual(await rules(), [...original, ...cohort])
    await world.does('cohort internal catalog --to v2')
    assert.deepEqual(await rules(), [...original, ...cohort])
    await world.does('cohort internal catalog --remove')
    assert.deepEqual(await world.state(), start)
  })

  real(`weights of ${what} end with abort, and undo takes each step back`, async cluster => {
    const { world, start, rules, original } = await begin(cluster)
    await world.does('weight catalog v2=10')
    const split = [backend('catalog-v1', 90), backend('catalog-v2', 10)]
    assert.deepEqual(await rules(), leadingTo(original, ...split))
    await world.does('weight catalog v2=25')
    assert.deepEqual(await rules(), leadingTo(original, backend('catalog-v1', 75), backend('catalog-v2', 25)))
    await world.does('undo catalog')
    assert.deepEqual(await rules(), leadingTo(original, ...split))
    await world.does('abort catalog')
    assert.deepEqual(await world.state(), start)
    await world.does('undo catalog')
    assert.deepEqual(await rules(), leadingTo(original, ...split))
    await world.does('undo catalog --to-revision 0')
    assert.deepEqual(await world.state(), start)
  })

  real(`a mirror of ${what} is a filter that abort takes away`, async cluster => {
    const { world, start, rules, original } = await begin(cluster)
    await world.does('mirror catalog v2=30')
    const { weight: _, ...backendRef } = backend('catalog-v2')
    assert.deepEqual(
      (await rules()).map(({ filters }) => filters?.at(-1)),
      original.map(rule =>
        rule.backendRefs?.[0]?.name === 'other'
          ? undefined
          : { type: 'RequestMirror', requestMirror: { backendRef, percent: 30 } },
      ),
    )
    await world.does('mirror catalog --off')
    assert.deepEqual(await world.state(), start)
    await world.does('mirror catalog v2=0.5')
    assert.deepEqual((await rules())[0]?.filters?.at(-1), {
      type: 'RequestMirror',
      requestMirror: { backendRef, fraction: { numerator: 5000, denominator: 1_000_000 } },
    })
    await world.does('abort catalog')
    assert.deepEqual(await world.state(), start)
  })

  real(`promote turns ${what} to the new version, and history tells the day`, async cluster => {
    const { world, start, rules, original } = await begin(cluster)
    await world.does('cohort internal catalog --to v2')
    await world.does('weight catalog v2=10')
    await world.does('promote catalog v2')
    assert.deepEqual(await rules(), leadingTo(original, backend('catalog-v2')))
    const { stdout } = await world.does('history catalog -o json')
    const { changes } = JSON.parse(stdout) as { readonly changes: readonly { readonly title: string }[] }
    assert.deepEqual(
      changes.map(({ title }) => title),
      ['cohort internal → v2', 'weight v1=90,v2=10', 'promote v2'],
    )
    await world.does('undo catalog --to-revision 0')
    assert.deepEqual(await world.state(), start)
  })
}
