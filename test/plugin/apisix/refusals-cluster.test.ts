import assert from 'node:assert/strict'
import type { Service } from '../../../shared/objects/core.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { apisixRoute, apisixWorld } from './apisix-world.ts'

const real = clusterTests({ crds: ['istio', 'apisix'] })

const backend = '{ serviceName: catalog-v1, servicePort: 80 }'
/** A further rule of the route, in YAML. */
const rule = (fields: string): string =>
  `  - { name: more, match: { hosts: [HOST], paths: [/more] }, ${fields} }\n`

interface Refused {
  readonly what: string
  /** A further rule. */
  readonly http: string
  readonly says: RegExp
}

const refused: readonly Refused[] = [
  {
    what: 'a rule with a plugin traffic-split of its own',
    http: rule(`backends: [${backend}], plugins: [{ name: traffic-split, enable: true }]`),
    says: /spec\.http\[3\] is divided by a plugin traffic-split of its own \(its plugins\), which overrides weights\n {2}Take the plugin traffic-split out of the rule, or choose other routes with --route/,
  },
  {
    what: 'a rule whose plugin config has a traffic-split',
    http: rule(`backends: [${backend}], plugin_config_name: splitting`),
    says: /\(ApisixPluginConfig \S+\/splitting\), which overrides weights/,
  },
  {
    what: 'a rule whose plugin config is not there',
    http: rule(`backends: [${backend}], plugin_config_name: absent`),
    says: /names ApisixPluginConfig \S+\/absent, which is not in view: cannot tell whether/,
  },
  {
    what: 'a rule that leads to an ApisixUpstream, too',
    http: rule(`backends: [${backend}], upstreams: [{ name: outside }]`),
    says: /also sends requests to ApisixUpstream outside/,
  },
  {
    what: 'a rule that names one Service twice, by subsets',
    http: rule(
      'backends: [{ serviceName: catalog-v1, servicePort: 80, subset: a }, { serviceName: catalog-v1, servicePort: 80, subset: b }]',
    ),
    says: /names Service catalog-v1 in two backends, which controllers since 2\.0 refuse/,
  },
]

const splitting = `---
apiVersion: apisix.apache.org/v2
kind: ApisixPluginConfig
metadata: { name: splitting }
spec: { plugins: [{ name: traffic-split, enable: true }] }
`

for (const { what, http, says } of refused)
  real(`${what} is refused with the reason, and the other rules can be chosen`, async cluster => {
    const world = await apisixWorld(cluster, apisixRoute(http) + splitting)
    const start = await world.state()
    for (const line of [
      'weight catalog v2=10 --stable v1',
      'cohort internal catalog --to v2 --stable v1',
      'promote catalog v2',
    ])
      assert.match(await world.refuses(line), says, line)
    assert.deepEqual(await world.state(), start)
    await world.does('weight catalog v2=10 --stable v1 --route items --route rest')
    await world.does('abort catalog')
    assert.deepEqual(await world.state(), start)
  })

real('what an ApisixRoute cannot carry out is refused with the reason', async cluster => {
  const world = await apisixWorld(cluster)
  const start = await world.state()
  for (const [line, says] of [
    [
      'mirror catalog v2=10',
      /the plugin proxy-mirror of APISIX copies requests to a URL that it resolves by itself/,
    ],
    ['weight catalog v2=10 --sticky', /cannot keep users at the version that they got first/],
    ['cohort internal catalog --to v2 --source-label app=front', /cannot tell callers by their labels/],
    [
      'cohort internal catalog --to v2 --query tenant=silver',
      /already tests the query parameter tenant otherwise/,
    ],
  ] as const)
    assert.match(await world.refuses(line), says, line)
  assert.deepEqual(await world.state(), start)
})

real('a cohort whose rules would tie with a rule of somebody else is refused', async cluster => {
  const rival = `  - { name: rival, priority: 1, match: { hosts: [HOST], paths: [/*], methods: [POST] }, backends: [{ serviceName: other, servicePort: 80 }] }\n`
  const world = await apisixWorld(cluster, apisixRoute(rival))
  const start = await world.state()
  assert.match(
    await world.refuses('cohort internal catalog --to v2'),
    /cohort internal cannot be placed: its rules and ApisixRoute \S+ spec\.http\[3\] .* would have one priority and could take the same requests, and nothing orders these/,
  )
  assert.deepEqual(await world.state(), start)
})

real(
  'a second cohort goes after the first one, or before it with --before, by its priorities',
  async cluster => {
    const world = await apisixWorld(cluster)
    const start = await world.state()
    const priorities = async (): Promise<readonly string[]> =>
      (await world.rules())
        .filter(({ name }) => name?.startsWith('rest') === true)
        .map(({ name, priority }) => `${name} ${priority}`)
    await world.does('cohort internal catalog --to v2')
    const alone = await world.state()
    await world.does('cohort beta catalog --to v2 --header x-beta=1')
    assert.deepEqual(await priorities(), ['rest undefined', 'rest-internal 2', 'rest-beta 1'])
    await world.does('cohort beta catalog --to v2 --before internal')
    assert.deepEqual(await priorities(), ['rest undefined', 'rest-internal 1', 'rest-beta 2'])
    const host = `http://${world.namespace}.example.com/`
    const tried = await world.does(`try ${host} -H x-beta:1 -H x-istio-cohort:internal`)
    assert.match(tried.stdout, /rest-beta/)
    await world.does('cohort beta catalog --remove')
    assert.deepEqual(await world.state(), alone)
    await world.does('cohort internal catalog --remove')
    assert.deepEqual(await world.state(), start)
  },
)

real('a route that a controller owns is left to it', async cluster => {
  const world = await apisixWorld(cluster)
  const owner = {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    name: 'catalog',
    uid: '3b4f6d1e-0000-4000-8000-000000000001',
    controller: true,
  }
  await cluster.expect(world.path('apisixroutes', 'catalog'), {
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    body: { metadata: { ownerReferences: [owner] } },
  })
  for (const line of ['weight catalog v2=10', 'cohort internal catalog --to v2', 'promote catalog v2'])
    assert.match(await world.refuses(line), /ApisixRoute \S+\/catalog.*Canary \S+\/catalog/s)
})

real(
  'a missing Service gets no requests, because APISIX skips it, and an edit makes it again',
  async cluster => {
    const world = await apisixWorld(cluster)
    await world.does('weight catalog v2=10')
    await cluster.expect(world.path('services', 'catalog-v2'), { method: 'DELETE' })
    assert.match((await world.does('status catalog')).stdout, /v1 .*100/)
    await world.does('weight catalog v2=50')
    const { spec } = (await cluster.expect(world.path('services', 'catalog-v2'))) as Service
    assert.deepEqual(spec?.selector, { app: 'catalog', version: 'v2' })
    assert.match((await world.does('status catalog')).stdout, /50\.0 %/)
  },
)

real(
  'a version that would be asked by another protocol is refused, until it has the scheme, too',
  async cluster => {
    const upstream = (name: string): string => `---
apiVersion: apisix.apache.org/v2
kind: ApisixUpstream
metadata: { name: ${name} }
spec: { scheme: grpc }
`
    const world = await apisixWorld(cluster, apisixRoute() + upstream('catalog-v1'))
    for (const line of ['weight catalog v2=10', 'cohort internal catalog --to v2', 'promote catalog v2'])
      assert.match(
        await world.refuses(line),
        /asks Service catalog-v1 by grpc, and would ask catalog-v2 by http\n {2}Give Service catalog-v2 an ApisixUpstream of its name with scheme: grpc/,
      )
    await cluster.apply(upstream('catalog-v2'), { namespace: world.namespace })
    await world.does('weight catalog v2=10')
    await world.does('abort catalog')
  },
)
