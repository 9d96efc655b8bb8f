import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listOf, type FakeServer } from '../api-server.ts'
import { forbidden, named, paths, read, shop, unserved } from './reading-cluster.ts'

const pathsOf = ({ seen }: FakeServer): readonly string[] => seen.map(({ url }) => url.pathname)

test('reads the routes of the Gateway API where they are served and may be listed, and says nothing where not', async () => {
  const gatewayApi = '/apis/gateway.networking.k8s.io/v1'
  const served = await read(
    paths({ ...shop, [`${gatewayApi}/httproutes`]: listOf([{ ...named('web', 'other'), spec: {} }]) }),
  )
  assert.deepEqual(
    served.reading.view.list('HTTPRoute').map(({ apiVersion, metadata }) => [apiVersion, metadata.namespace]),
    [['gateway.networking.k8s.io/v1', 'other']],
  )
  for (const reply of [unserved, forbidden]) {
    const { reading } = await read(seen =>
      seen.url.pathname.startsWith(gatewayApi) ? reply : paths(shop)(seen),
    )
    assert.deepEqual(reading.notes, [])
    assert.deepEqual(reading.view.list('HTTPRoute'), [])
  }
})

test('reads what else is wanted beside the usual kinds, and says nothing where that is forbidden', async () => {
  const path = '/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers'
  const usual = await read(paths(shop))
  assert.ok(!pathsOf(usual.server).includes(path))
  const scope = { namespaces: ['shop'], also: ['HorizontalPodAutoscaler'] } as const
  const { reading, server } = await read(paths({ ...shop, [path]: forbidden }), scope)
  assert.ok(pathsOf(server).includes(path))
  assert.deepEqual(reading.notes, [])
})

test('reads ApisixRoutes where they are served, plugin configs where routes are, and says nothing where not', async () => {
  const apisix = '/apis/apisix.apache.org/v2'
  const served = await read(
    paths({
      ...shop,
      [`${apisix}/apisixroutes`]: listOf([{ ...named('web', 'other'), spec: {} }]),
      [`${apisix}/apisixpluginconfigs`]: listOf([{ ...named('common', 'other'), spec: {} }]),
    }),
  )
  assert.deepEqual(
    (['ApisixRoute', 'ApisixPluginConfig'] as const).map(
      kind => served.reading.view.list(kind)[0]?.metadata.name,
    ),
    ['web', 'common'],
  )
  for (const reply of [unserved, forbidden]) {
    const { reading, server } = await read(seen =>
      seen.url.pathname.startsWith(apisix) ? reply : paths(shop)(seen),
    )
    assert.deepEqual(reading.notes, [])
    assert.deepEqual(reading.view.list('ApisixRoute'), [])
    assert.ok(!pathsOf(server).includes(`${apisix}/apisixpluginconfigs`))
  }
})
