/** Which changes of the Gateway API's objects reach the guard by the chart's own conditions. */
import assert from 'node:assert/strict'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { startRecorder } from '../recorder.ts'

const real = clusterTests({ controllerManager: true, crds: ['istio', 'gateway-api'], needs: ['helm4'] })

const route = (kind: string, weight = 1): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: ${kind}
metadata: { name: shop }
spec: { parentRefs: [{ name: edge }], rules: [{ backendRefs: [{ name: shop, port: 80, weight: ${weight} }] }] }
`
const grant = (kind = 'HTTPRoute'): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: ReferenceGrant
metadata: { name: shop }
spec:
  from: [{ group: gateway.networking.k8s.io, kind: ${kind}, namespace: default }]
  to: [{ group: '', kind: Service }]
`
const gateway = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec: { gatewayClassName: shop, listeners: [{ name: http, port: 80, protocol: HTTP }] }
`

type Asks = (args: string, stdin?: string) => Promise<readonly string[]>

function gatewayApiTest(title: string, body: (asks: Asks) => Promise<void>): void {
  real(title, async cluster => {
    const namespace = await cluster.namespace()
    await using recorder = await startRecorder(cluster)
    await body(async (args, stdin = '') => {
      const { code, stderr } = await cluster.kubectl(['-n', namespace, ...args.split(' ')], { stdin })
      assert.equal(code, 0, stderr)
      return recorder.asked()
    })
  })
}

for (const [kind, resource] of [
  ['HTTPRoute', 'httproutes'],
  ['GRPCRoute', 'grpcroutes'],
] as const) {
  gatewayApiTest(
    `is asked about a ${kind} that is made, changed or deleted, and about exemptions, not about its status or labels`,
    async asks => {
      assert.deepEqual(await asks('apply -f -', route(kind)), [`CREATE ${resource} shop`])
      assert.deepEqual(await asks('apply -f -', route(kind, 2)), [`UPDATE ${resource} shop`])
      assert.deepEqual(await asks(`label ${kind} shop team=shop`), [])
      assert.deepEqual(
        await asks(`patch ${kind} shop --subresource=status --type=merge -p {"status":{"parents":[]}}`),
        [],
      )
      assert.deepEqual(await asks(`annotate ${kind} shop kubectl-canary/exempt=unknown-backend:later`), [
        `UPDATE ${resource} shop`,
      ])
      assert.deepEqual(await asks(`delete ${kind} shop`), [`DELETE ${resource} shop`])
    },
  )
}

gatewayApiTest('is asked about v1beta1 of an HTTPRoute', async asks => {
  assert.deepEqual(await asks('apply -f -', route('HTTPRoute').replace('io/v1', 'io/v1beta1')), [
    'CREATE httproutes shop',
  ])
})

gatewayApiTest(
  'is asked about a ReferenceGrant that changes or goes, not about a new one, and about no Gateway',
  async asks => {
    assert.deepEqual(await asks('apply -f -', grant()), [])
    assert.deepEqual(await asks('label referencegrant shop team=shop'), [])
    assert.deepEqual(await asks('apply -f -', grant('GRPCRoute')), ['UPDATE referencegrants shop'])
    assert.deepEqual(await asks('delete referencegrant shop'), ['DELETE referencegrants shop'])
    assert.deepEqual(await asks('apply -f -', gateway), [])
    assert.deepEqual(await asks('delete gateways.gateway.networking.k8s.io edge'), [])
  },
)
