import assert from 'node:assert/strict'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { statusInWords } from '../print/status-in-words.ts'
import { backend, gatewayWorld, services } from './gateway-world.ts'

const real = clusterTests({ crds: ['istio', 'gateway-api'] })

/** The catalog without the Services of its versions. */
const bare = services
  .split(/^---$/m)
  .filter(text => !/kind: Service\nmetadata: \{ name: catalog-/.test(text))
  .join('---')

const initial = 'init catalog --stable v1 --provider gateway-api'

real(
  'init makes the Services of the versions and a route for the mesh, and undo takes them back',
  async cluster => {
    const world = await gatewayWorld(cluster, '', bare)
    const start = await world.state()
    await world.does(initial)
    const { spec } = await world.route()
    assert.deepEqual(spec, {
      parentRefs: [{ group: '', kind: 'Service', name: 'catalog' }],
      rules: [
        { matches: [{ path: { type: 'PathPrefix', value: '/' } }], backendRefs: [backend('catalog-v1')] },
      ],
    })
    assert.match((await world.does(initial)).stdout, /unchanged|nothing to do|already/)
    await world.does('weight catalog v2=10')
    await world.does('undo catalog')
    assert.deepEqual((await world.route()).spec, spec)
    await world.does('undo catalog --to-revision 0')
    assert.deepEqual(await world.state(), start)
  },
)

real('init at a Gateway makes a route with the host, of calls where the port is of gRPC', async cluster => {
  const grpc = bare.replaceAll('ports: [{ name: http, port: 80 }]', 'ports: [{ name: grpc, port: 80 }]')
  for (const [objects, resource] of [
    [bare, 'httproutes'],
    [grpc, 'grpcroutes'],
  ] as const) {
    const world = await gatewayWorld(cluster, '', objects)
    const start = await world.state()
    await world.does(`${initial} --gateway ${world.namespace}/public --host catalog.example.com`)
    const { spec } = await world.route(resource, 'catalog-gateway')
    assert.deepEqual(
      [spec?.hostnames, spec?.parentRefs, spec?.rules?.[0]?.backendRefs],
      [
        ['catalog.example.com'],
        [
          {
            group: 'gateway.networking.k8s.io',
            kind: 'Gateway',
            namespace: world.namespace,
            name: 'public',
          },
        ],
        [backend('catalog-v1')],
      ],
    )
    assert.match(statusInWords((await world.does('status catalog')).stdout), /everyone → v1 100/)
    await world.does('undo catalog')
    assert.deepEqual(await world.state(), start)
  }
})

real('cleanup deletes the Service that was made for a version once no route names it', async cluster => {
  const world = await gatewayWorld(cluster, '', bare)
  await world.does(initial)
  await world.does('promote catalog v2')
  const names = async () =>
    ((await cluster.expect(world.path('services'))) as { items: { metadata: { name: string } }[] }).items
      .map(({ metadata }) => metadata.name)
      .toSorted()
  assert.deepEqual(await names(), ['catalog', 'catalog-v1', 'catalog-v2'])
  const before = await world.route()
  await world.does('cleanup catalog --yes --delete-workloads')
  assert.deepEqual(await names(), ['catalog', 'catalog-v2'])
  assert.deepEqual((await world.route()).spec, before.spec)
  const { status } = await cluster.request(world.path('deployments', 'catalog-v1'))
  assert.equal(status, 404)
})
