import assert from 'node:assert/strict'
import test from 'node:test'
import { parse } from 'yaml'
import { kindOf } from '../../../shared/objects/kinds.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { catalogue } from '../../../shared/rules/catalogue.ts'

import { judgeChanges, lintView } from '../../../shared/rules/introduced.ts'
import type { Finding } from '../../../shared/rules/rule.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'

const named = (kind: string, [name, namespace = 'shop']: readonly string[], spec: string): KubeObject =>
  ({
    ...(parse(kind) as KubeObject),
    metadata: { name, namespace },
    spec: parse(spec) as object,
  }) as KubeObject
const [istio, gateway] = ['networking.istio.io/v1', 'gateway.networking.k8s.io/v1']
const service = (...name: readonly string[]): KubeObject =>
  named('{apiVersion: v1, kind: Service}', name, '{selector: {app: cart}, ports: [{port: 80}]}')
const rule = (subsets: readonly string[]): KubeObject =>
  named(
    `{apiVersion: ${istio}, kind: DestinationRule}`,
    ['cart'],
    `{host: cart, subsets: [${subsets.map(name => `{name: ${name}, labels: {version: ${name}}}`).join()}]}`,
  )
const toSubset = named(
  `{apiVersion: ${istio}, kind: VirtualService}`,
  ['cart'],
  '{hosts: [cart], http: [{route: [{destination: {host: cart, subset: canarys}}]}]}',
)
const atGateway = named(
  `{apiVersion: ${istio}, kind: VirtualService}`,
  ['cart'],
  '{hosts: [cart.example.com], gateways: [web], http: [{route: [{destination: {host: cart}}]}]}',
)
const istioGateway = (name: string): KubeObject =>
  named(
    `{apiVersion: ${istio}, kind: Gateway}`,
    [name],
    '{selector: {app: gateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}',
  )
const plainGateway = (name: string): KubeObject =>
  named(
    `{apiVersion: ${gateway}, kind: Gateway}`,
    [name],
    '{gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}]}',
  )
const httpRoute = named(
  `{apiVersion: ${gateway}, kind: HTTPRoute}`,
  ['cart'],
  '{parentRefs: [{name: web}], rules: [{backendRefs: [{name: cart, port: 80}, {name: carts, port: 80, weight: 0}]}]}',
)
const apisixRoute = named(
  '{apiVersion: apisix.apache.org/v2, kind: ApisixRoute}',
  ['cart'],
  '{http: [{name: all, match: {paths: [/*]}, backends: [{serviceName: cart, servicePort: 80, weight: 1}, {serviceName: carts, servicePort: 80, weight: 0}]}]}',
)

const judge = { rules: catalogue, settings: { complete: true, relativeWeights: false } }
const hints = (findings: readonly Finding[]): readonly string[] =>
  findings.flatMap(({ rule: id, message, fix }) =>
    /did you mean|^Set .*(host|name|gateways|subset)/s.test(`${message}\n${fix}`)
      ? [`${id}: ${message}`]
      : [],
  )

for (const { what, before, after, others } of [
  {
    what: 'a Service that a VirtualService and a DestinationRule name, and of which there is one elsewhere',
    before: service('cart'),
    others: [service('cart', 'old'), rule(['canarys']), toSubset],
  },
  {
    what: 'a Service with a similar name to another one, to which an HTTPRoute sends nothing',
    before: service('carts'),
    others: [service('cart'), plainGateway('web'), httpRoute],
  },
  {
    what: 'a Service with a similar name to another one, to which an ApisixRoute sends nothing',
    before: service('carts'),
    others: [service('cart'), apisixRoute],
  },
  {
    what: 'a Gateway of Istio with a similar name to another one',
    before: istioGateway('web'),
    others: [istioGateway('webb'), service('cart'), atGateway],
  },
  {
    what: 'a Gateway of the Gateway API with a similar name to another one',
    before: plainGateway('web'),
    others: [plainGateway('webb'), service('cart'), service('carts'), httpRoute],
  },
  {
    what: 'a subset with a similar name to another one',
    before: rule(['canary', 'canarys']),
    after: rule(['canary']),
    others: [service('cart'), toSubset],
  },
] as const satisfies readonly {
  readonly what: string
  readonly before: KubeObject
  readonly after?: KubeObject
  readonly others: readonly KubeObject[]
}[]) {
  test(`whoever takes away ${what} is not asked whether the other was meant`, () => {
    const found = judgeChanges(judge, snapshot([before, ...others]), [{ before, after }])
    const all = [...found.introduced, ...found.standing]
    assert.ok(all.length > 0)
    assert.deepEqual(hints(all), [])
    // Where it never was, the other one is offered.
    const left = after === undefined ? others : [after, ...others]
    assert.notDeepEqual(hints(lintView(judge, snapshot(left))), [], kindOf(before))
  })
}
