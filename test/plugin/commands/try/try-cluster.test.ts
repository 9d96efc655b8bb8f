import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '../../../../plugin/open-store.ts'
import { clusterTests } from '../../../cluster/cluster-test.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { deployment } from '../../history/catalog-world.ts'
import { runCommand, type Ended } from '../../run-command.ts'

const real = clusterTests()

const route = (subset: string): string => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: catalog }
spec:
  hosts: [catalog]
  http: [{ route: [{ destination: { host: catalog, subset: ${subset} } }] }]
`
const shop = `
apiVersion: v1
kind: Service
metadata: { name: catalog }
spec: { selector: { app: catalog }, ports: [{ name: http, port: 80 }] }
---${deployment('v1')}
---${deployment('v2')}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: catalog }
spec:
  host: catalog
  subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }]
---${route('v1')}`

/** A route at a gateway of one namespace to the Service of another. */
const front = (shopNamespace: string, host: string): string => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public }
spec:
  selector: { istio: ${host} }
  servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: [${host}] }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: front }
spec:
  hosts: [${host}]
  gateways: [public]
  http: [{ route: [{ destination: { host: catalog.${shopNamespace}.svc.cluster.local, subset: v2 } }] }]
`

const canaryOn =
  (cluster: Cluster) =>
  (...argv: readonly string[]): Promise<Ended> =>
    runCommand([...argv, '--kubeconfig', cluster.kubeconfig], { store: openStore, now: new Date() })

real('a request at a gateway is followed to the Service of another namespace', async cluster => {
  const [shopNamespace, edge] = [await cluster.namespace(), await cluster.namespace()]
  const host = `${edge}.example.com`
  await cluster.apply(shop, { namespace: shopNamespace })
  await cluster.apply(front(shopNamespace, host), { namespace: edge })
  const canary = canaryOn(cluster)
  const { code, stdout, stderr } = await canary('try', `http://${host}/`, '-n', edge)
  assert.equal(code, 0, stderr)
  assert.match(stdout, new RegExp(`→ v2 +100 % +catalog\\.${shopNamespace}, subset v2, port 80`))
  // From elsewhere, by a name that only says the namespace.
  const inMesh = await canary('try', `http://catalog.${shopNamespace}/`, '-n', edge)
  assert.match(inMesh.stdout, new RegExp(`→ v1 +100 % +catalog\\.${shopNamespace}`))
  const expected = await canary('try', `http://catalog.${shopNamespace}/`, '-n', edge, '--expect', 'v2')
  assert.equal(expected.code, 3)
})

real('files laid over the cluster show what applying them would change', async cluster => {
  const namespace = await cluster.namespace()
  await cluster.apply(shop, { namespace })
  const folder = mkdtempSync(join(tmpdir(), 'canary-try-'))
  try {
    writeFileSync(
      join(folder, 'route.yaml'),
      route('v2').replace('name: catalog }', `name: catalog, namespace: ${namespace} }`),
    )
    const canary = canaryOn(cluster)
    // The namespace is that of the files.
    const { code, stdout, stderr } = await canary('try', 'catalog', '-f', folder, '--with-cluster', '--diff')
    assert.equal(code, 0, stderr)
    assert.match(stdout, /before {2}v1 .*\nafter {3}v2 /)
    const edited = await canary('try', 'catalog', '-n', namespace, '--with', 'weight v2=10', '--diff')
    assert.match(edited.stdout, /before {2}v1 .*\nafter {3}v1 90 %, v2 10 %/)
    // Nothing was written.
    const after = await canary('try', 'catalog', '-n', namespace, '--expect', 'v1')
    assert.equal(after.code, 0, after.stderr)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
