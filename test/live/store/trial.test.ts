import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { openCluster } from '../../../shared/live/open-cluster.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { Change } from '../../../shared/view/change.ts'
import { startFakeServer, status, type Reply, type Seen } from '../api-server.ts'
import { base64, folderWith, kubeconfig, surroundings } from '../folder.ts'

const object = (kind: string, name: string, weight: number): KubeObject =>
  ({
    apiVersion: 'networking.istio.io/v1',
    kind,
    metadata: { name, namespace: 'shop', resourceVersion: '1', uid: name },
    spec: { weight },
  }) as KubeObject
const create: Change = { after: object('DestinationRule', 'catalog', 1) }
const edit: Change = { before: object('VirtualService', 'a', 1), after: object('VirtualService', 'a', 2) }

const isTrial = ({ url }: Seen): boolean => url.searchParams.get('dryRun') === 'All'
const accept = ({ body }: Seen): Reply => ({ body: { ...(JSON.parse(body) as object), kind: 'X' } })

test('a trial that is refused stops all of them, but for what a policy says of a change that rests on an earlier one', async () => {
  const denied = status(
    403,
    'Forbidden',
    'admission webhook "guard.example.com" denied the request: no subset v2',
  )
  for (const [reply, isStopped] of [
    [status(422, 'Invalid', 'spec is invalid'), true],
    [status(403, 'Forbidden', 'virtualservices "a" is forbidden: no right'), true],
    [denied, false],
    [status(400, 'BadRequest', 'admission webhook "x" does not support dry run'), false],
  ] as const) {
    await using server = await startFakeServer(seen =>
      isTrial(seen) && seen.method === 'PATCH' ? reply : accept(seen),
    )
    await using folder = await folderWith({
      config: kubeconfig({
        server: server.url,
        'certificate-authority-data': base64(server.authority.certificate),
      }),
    })
    const store = await openCluster({ kubeconfig: join(folder.path, 'config') }, surroundings())
    const applied = await store.apply([create, edit], { dryRun: 'none' }).then(
      () => false,
      () => true,
    )
    assert.equal(applied, isStopped, JSON.stringify(reply))
    assert.equal(server.seen.filter(seen => !isTrial(seen)).length, isStopped ? 0 : 2)
    await store.close()
  }
})
