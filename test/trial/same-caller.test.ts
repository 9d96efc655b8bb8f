import assert from 'node:assert/strict'
import { it } from 'node:test'
import { istio } from '../../shared/providers/istio/provider.ts'
import { tryAgain, tryRequest, type TrialWorld } from '../../shared/trial/trial.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { objectsOf } from '../providers/istio/resolve/corpus.ts'
import { re2 } from '../routing/requests.ts'

const worldOf = (text: string): TrialWorld => ({
  view: snapshot(objectsOf(text)),
  provider: istio,
  namespace: 'shop',
  regex: re2,
  complete: true,
})

const service = `
apiVersion: v1
kind: Service
metadata: {name: catalog, namespace: shop}
spec: {selector: {app: catalog}, ports: [{name: http, port: 80}]}
`
const entrance = `---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: public, namespace: shop}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.example.com]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop, namespace: shop}
spec: {hosts: [shop.example.com], gateways: [public], http: [{route: [{destination: {host: catalog}}]}]}
`

it('the same caller is tried before and after a change, also where only the change makes its gateway', () => {
  const asked = {
    scheme: 'http',
    host: 'shop.example.com',
    port: undefined,
    path: '/',
    method: 'GET',
    headers: {},
  } as const
  const [trial, ...others] = tryRequest(worldOf(service + entrance), asked)
  assert.deepEqual(others, [])
  const before = tryAgain(worldOf(service), trial!)
  assert.equal(before.caller.gateway, 'shop/public')
  assert.deepEqual([before.decision.kind, trial!.decision.kind], ['none', 'route'])
  // By itself, the world before would have taken a workload of the mesh for the caller.
  assert.equal(tryRequest(worldOf(service), asked)[0]!.caller.gateway, undefined)
})
