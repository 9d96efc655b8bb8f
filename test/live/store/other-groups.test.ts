import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { openCluster } from '../../../shared/live/open-cluster.ts'
import { refOf } from '../../../shared/objects/kinds.ts'
import { apiGateway, coreService, istioGateway, knativeService } from '../../objects/other-groups.ts'
import { listOf, startFakeServer, status } from '../api-server.ts'
import { base64, folderWith, kubeconfig, surroundings } from '../folder.ts'

test('reads a Gateway and a Service from their own groups only, where other groups have the same', async () => {
  const lists: Readonly<Record<string, ReturnType<typeof listOf>>> = {
    '/apis/networking.istio.io/v1/gateways': listOf([istioGateway]),
    '/apis/gateway.networking.k8s.io/v1/gateways': listOf([apiGateway]),
    '/api/v1/namespaces/shop/services': listOf([coreService]),
    '/apis/serving.knative.dev/v1/namespaces/shop/services': listOf([knativeService]),
  }
  await using server = await startFakeServer(({ url: { pathname } }) => {
    const isOne = /\/(namespaces\/[^/]+|configmaps\/istio)$/.test(pathname)
    return lists[pathname] ?? (isOne ? status(404, 'NotFound', 'not found') : listOf([]))
  })
  await using folder = await folderWith({
    config: kubeconfig({
      server: server.url,
      'certificate-authority-data': base64(server.authority.certificate),
    }),
  })
  const store = await openCluster({ kubeconfig: join(folder.path, 'config') }, surroundings())
  const { view } = await store.read({ namespaces: ['shop'] })
  assert.deepEqual([view.list('Gateway'), view.list('Service')], [[istioGateway], [coreService]])
  assert.deepEqual(view.list('Gateway.gateway.networking.k8s.io'), [apiGateway])
  assert.ok(!server.seen.some(({ url }) => url.pathname.includes('knative')))
  // What is written goes to the object that was read.
  await store
    .apply(
      [
        {
          before: view.get(refOf(istioGateway))!,
          after: { ...istioGateway, metadata: { ...istioGateway.metadata, labels: { a: 'b' } } },
        },
      ],
      { dryRun: 'none' },
    )
    .catch(() => undefined)
  const written = server.seen.filter(({ method }) => method !== 'GET').map(({ url }) => url.pathname)
  assert.deepEqual(
    new Set(written),
    new Set(['/apis/networking.istio.io/v1/namespaces/shop/gateways/catalog']),
  )
  await store.close()
})
