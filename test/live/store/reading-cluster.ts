import { join } from 'node:path'
import { openCluster } from '../../../shared/live/open-cluster.ts'
import type { Reading, Scope } from '../../../shared/view/store.ts'
import {
  listOf,
  startFakeServer,
  status,
  type FakeServer,
  type Handle,
  type Reply,
  type Seen,
} from '../api-server.ts'
import { base64, folderWith, kubeconfig, surroundings } from '../folder.ts'

export const named = (name: string, namespace = 'shop', more: object = {}): object => ({
  metadata: { name, namespace, managedFields: [{}], ...more },
})
export const virtualService = (name: string, namespace = 'shop'): object => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  ...named(name, namespace),
  spec: {},
})

/** Answers by path; lists that are not named are empty, single objects absent. */
export const paths =
  (replies: Readonly<Record<string, Reply | ((seen: Seen) => Reply)>>): Handle =>
  seen => {
    const found = replies[seen.url.pathname]
    if (found !== undefined) return typeof found === 'function' ? found(seen) : found
    return /\/(namespaces\/[^/]+|configmaps\/istio)$/.test(seen.url.pathname)
      ? status(404, 'NotFound', 'not found')
      : listOf([])
  }
export const forbidden = status(403, 'Forbidden', 'x is forbidden: User "ann" cannot list resource "x"')
export const unserved: Reply = {
  status: 404,
  headers: { 'content-type': 'text/plain' },
  body: '404 page not found\n',
}

export const istio = '/apis/networking.istio.io/v1'
export const shop = { '/api/v1/namespaces/shop/services': listOf([named('catalog')]) }

export async function read(
  handle: Handle,
  scope: Scope = { namespaces: ['shop'] },
): Promise<{ readonly reading: Reading; readonly server: FakeServer }> {
  await using server = await startFakeServer(handle)
  await using folder = await folderWith({
    config: kubeconfig({
      server: server.url,
      'certificate-authority-data': base64(server.authority.certificate),
    }),
  })
  const store = await openCluster({ kubeconfig: join(folder.path, 'config') }, surroundings())
  try {
    return { reading: await store.read(scope), server }
  } finally {
    await store.close()
  }
}
