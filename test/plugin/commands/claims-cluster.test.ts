import assert from 'node:assert/strict'
import { openStore } from '../../../plugin/open-store.ts'
import type { VirtualService } from '../../../shared/objects/virtual-service.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { deployment } from '../history/catalog-world.ts'
import { runCommand } from '../run-command.ts'

const real = clusterTests()

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
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public }
spec:
  selector: { istio: claims }
  servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: [claims.example.com] }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: catalog }
spec:
  hosts: [claims.example.com]
  gateways: [public]
  http: [{ route: [{ destination: { host: catalog, subset: v1 } }] }]
`
const tokens = `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: tokens }
spec: { selector: { matchLabels: { istio: claims } }, jwtRules: [{ issuer: https://issuer.example.com }] }
`

real('a cohort by claim needs a RequestAuthentication, and its removal restores the route', async cluster => {
  const namespace = await cluster.namespace()
  await cluster.apply(shop, { namespace })
  const canary = (...argv: readonly string[]) =>
    runCommand([...argv, '-n', namespace, '--kubeconfig', cluster.kubeconfig], {
      store: openStore,
      now: new Date(),
    })
  const spec = async (): Promise<VirtualService['spec']> => {
    const { stdout } = await cluster.kubectl([
      'get',
      'virtualservice',
      'catalog',
      '-n',
      namespace,
      '-o',
      'json',
    ])
    return (JSON.parse(stdout) as VirtualService).spec
  }
  const before = await spec()
  const set = ['cohort', 'staff', '--to', 'v2', '--claim', 'Group=internal', '--force'] as const
  const refused = await canary(...set)
  assert.equal(refused.code, 3)
  assert.match(refused.stderr, /no RequestAuthentication lets the proxies of Gateway .*\/public read tokens/)
  assert.deepEqual(await spec(), before)
  await cluster.apply(tokens, { namespace })
  const { code, stderr } = await canary(...set)
  assert.equal(code, 0, stderr)
  const { http = [] } = await spec()
  assert.deepEqual(http[0]!.match, [{ headers: { '@request.auth.claims.Group': { exact: 'internal' } } }])
  const tried = await canary(
    'try',
    'http://claims.example.com/',
    '--claim',
    'Group=internal',
    '--expect',
    'v2',
  )
  assert.equal(tried.code, 0, tried.stderr)
  assert.equal((await canary('cohort', 'staff', '--remove')).code, 0)
  assert.deepEqual(await spec(), before)
})
