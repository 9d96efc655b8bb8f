import assert from 'node:assert/strict'
import type { ApisixRoute } from '../../../shared/objects/apisix/apisix-route.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { passingServer } from '../history/passing-server.ts'
import { apisixRoute, apisixWorld } from './apisix-world.ts'

const real = clusterTests({ crds: ['istio', 'apisix'] })

real('init makes a route for a host, and asks for one where none is named', async cluster => {
  const world = await apisixWorld(
    cluster,
    apisixRoute()
      .replaceAll('catalog', 'elsewhere')
      .replaceAll('serviceName: elsewhere-v1', 'serviceName: other'),
  )
  const asked = await world.canary('init catalog --stable v1 --provider apisix')
  assert.equal(asked.code, 2)
  assert.match(asked.stderr, /--provider apisix needs --host/)
  await world.does(`init catalog --stable v1 --provider apisix --host new.${world.namespace}.example.com`)
  const { spec } = (await cluster.expect(world.path('apisixroutes', 'catalog'))) as ApisixRoute
  assert.deepEqual(spec, {
    ingressClassName: 'apisix',
    http: [
      {
        name: 'catalog',
        match: { hosts: [`new.${world.namespace}.example.com`], paths: ['/*'] },
        backends: [{ serviceName: 'catalog-v1', servicePort: 80 }],
      },
    ],
  })
  await world.does('weight catalog v2=10')
  assert.match((await world.does('abort catalog')).stdout, /v1/)
  await world.does('undo catalog --to-revision 0')
})

real('init turns a rule that leads to all versions to stable', async cluster => {
  const world = await apisixWorld(cluster, apisixRoute().replaceAll('catalog-v1', 'catalog'))
  await world.does('init catalog --stable v1')
  assert.deepEqual(
    (await world.rules()).map(({ backends }) => backends![0]!.serviceName),
    ['catalog-v1', 'other', 'catalog-v1'],
  )
})

real(
  'try says which rule takes a request at APISIX, and that it cannot tell where a plugin decides',
  async cluster => {
    const world = await apisixWorld(
      cluster,
      apisixRoute(
        `  - { name: fn, match: { hosts: [HOST], paths: [/fn] }, backends: [{ serviceName: other, servicePort: 80 }],
        plugins: [{ name: serverless-pre-function, enable: true }] }\n`,
      ),
    )
    const host = `${world.namespace}.example.com`
    await world.does('cohort internal catalog --to v2')
    const tried = async (words: string): Promise<string> =>
      (await world.does(`try http://${host}${words}`)).stdout
    assert.match(await tried(`/x -H x-istio-cohort:internal`), /v2/)
    assert.match(await tried('/x'), /v1/)
    const { code, stderr } = await world.canary(`try http://${host}/fn`)
    assert.equal(code, 1)
    assert.match(
      stderr,
      /cannot tell where the request goes: .*the plugin serverless-pre-function \(its plugins\) decides/,
    )
  },
)

real(
  'a service that a VirtualService and an ApisixRoute route is edited by the first, and says so',
  async cluster => {
    const world = await apisixWorld(cluster)
    await cluster.apply(
      `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: catalog }
spec: { hosts: [catalog], http: [{ route: [{ destination: { host: catalog-v1 } }] }] }
`,
      { namespace: world.namespace },
    )
    const before = await world.rules()
    const { stdout, stderr } = await world.does('weight catalog v2=10 --stable v1')
    assert.match(
      stdout + stderr,
      /ApisixRoute \S+\/catalog routes catalog, too, by another API: requests that come by it are routed there/,
    )
    assert.deepEqual(await world.rules(), before)
    await world.does('weight catalog v2=10 --stable v1 --provider apisix')
    assert.notDeepEqual(await world.rules(), before)
  },
)

for (const { after, verb } of [
  { after: [], verb: 'cohort internal catalog --to v2' },
  { after: ['cohort internal catalog --to v2'], verb: 'cohort internal catalog --remove' },
  { after: [], verb: 'weight catalog v2=10' },
  { after: ['weight catalog v2=10'], verb: 'promote catalog v2' },
  { after: ['weight catalog v2=10'], verb: 'abort catalog' },
  { after: ['weight catalog v2=10'], verb: 'undo catalog' },
])
  real(`${[...after, verb].join(' · ')} is planned again on what somebody else wrote`, async cluster => {
    const calm = await apisixWorld(cluster)
    for (const line of [...after, verb]) await calm.does(line)
    const expected = await calm.rules()
    const world = await apisixWorld(cluster)
    for (const line of after) await world.does(line)
    const value = {
      name: 'by-hand',
      match: { hosts: ['by-hand.example.com'], paths: ['/'] },
      backends: [{ serviceName: 'other', servicePort: 80 }],
    }
    let edits = 0
    await using server = await passingServer(cluster, async ({ path }) => {
      if (path !== world.path('apisixroutes', 'catalog') || edits++ > 0) return
      await cluster.expect(path, {
        method: 'PATCH',
        contentType: 'application/json-patch+json',
        body: [{ op: 'add', path: '/spec/http/0', value }],
      })
    })
    const { stderr } = await world.does(`${verb} --server ${server.url}`)
    assert.match(stderr, /ApisixRoute .*\/catalog was changed by someone else in the meantime|trying again/)
    const [first, ...others] = await world.rules()
    assert.deepEqual(first, value)
    const text = JSON.stringify(others).replaceAll(world.namespace, calm.namespace)
    assert.deepEqual(JSON.parse(text), expected)
  })
