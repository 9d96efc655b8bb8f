import assert from 'node:assert/strict'
import { openStore } from '../../../plugin/open-store.ts'
import { contentOf } from '../../../shared/objects/content/content.ts'
import type { VirtualService } from '../../../shared/objects/virtual-service.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { deployment } from '../history/catalog-world.ts'
import { runCommand, words, type Ended } from '../run-command.ts'

const real = clusterTests()

const version = (name: string): string => `
apiVersion: v1
kind: Service
metadata: { name: catalog-${name} }
spec: { selector: { app: catalog, version: ${name} }, ports: [{ name: http, port: 80 }] }
---${deployment(name)}
---`

const objects = `${version('v1')}${version('v2')}
apiVersion: v1
kind: Service
metadata: { name: catalog }
spec: { selector: { app: catalog }, ports: [{ name: http, port: 80 }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: catalog }
spec:
  hosts: [catalog]
  http:
  - match: [{ uri: { prefix: /items } }]
    timeout: 3s
    route: [{ destination: { host: catalog-v1 } }]
  - route: [{ destination: { host: catalog-v1 } }]
`

interface World {
  readonly canary: (line: string) => Promise<Ended>
  readonly does: (line: string) => Promise<string>
  readonly route: () => Promise<VirtualService>
  readonly ready: (name: string) => Promise<unknown>
}

async function worldOn(cluster: Cluster): Promise<World> {
  const namespace = await cluster.namespace()
  await cluster.apply(objects, { namespace })
  const canary = (line: string): Promise<Ended> =>
    runCommand([...words(line), '-n', namespace, '--kubeconfig', cluster.kubeconfig], {
      store: openStore,
      now: new Date(),
    })
  return {
    canary,
    does: async line => {
      const { code, stdout, stderr } = await canary(line)
      assert.equal(code, 0, `${line}: ${stderr}`)
      return stdout
    },
    route: async () =>
      (await cluster.expect(
        `/apis/networking.istio.io/v1/namespaces/${namespace}/virtualservices/catalog`,
      )) as VirtualService,
    ready: name =>
      cluster.expect(`/apis/apps/v1/namespaces/${namespace}/deployments/catalog-${name}/status`, {
        method: 'PATCH',
        contentType: 'application/merge-patch+json',
        body: { status: { replicas: 1, readyReplicas: 1 } },
      }),
  }
}

/** Each route: `catalog-v1=90 catalog-v2=10`. */
const splitsOf = ({ spec }: VirtualService): readonly string[] =>
  spec.http!.map(({ route }) =>
    route!
      .map(({ destination, weight }) => destination.host + (weight === undefined ? '' : `=${weight}`))
      .join(' '),
  )

real(
  'a canary between Services goes from the first cohort to promotion, and undo ends where it began',
  async cluster => {
    const { canary, does, route, ready } = await worldOn(cluster)
    const start = contentOf(await route())
    await ready('v1')
    const refused = await canary('weight catalog v2=10')
    assert.equal(refused.code, 3)
    assert.match(
      refused.stderr,
      /version v2 of catalog has no ready workload: Deployment catalog-v2 0\/1 ready/,
    )
    await ready('v2')
    await does('cohort internal catalog --to v2')
    assert.deepEqual(splitsOf(await route()), ['catalog-v2', 'catalog-v1', 'catalog-v2', 'catalog-v1'])
    await does('weight catalog-v2 catalog-v2=25')
    await does('cohort internal catalog --remove')
    assert.deepEqual(splitsOf(await route()), ['catalog-v1=75 catalog-v2=25', 'catalog-v1=75 catalog-v2=25'])
    assert.match(await does('list'), /^SERVICE[^\n]*\ncatalog +v1 +v1=75,v2=25 /)
    await does('promote v2')
    assert.deepEqual(splitsOf(await route()), ['catalog-v2', 'catalog-v2'])
    await does('weight v1=10')
    await does('abort')
    assert.deepEqual(splitsOf(await route()), ['catalog-v2', 'catalog-v2'])
    assert.match(await does('history catalog -o name'), /^catalog\/1\ncatalog\/2\n/)
    await does('undo catalog-v1 --to-revision 0')
    assert.deepEqual(contentOf(await route()), start)
  },
)
