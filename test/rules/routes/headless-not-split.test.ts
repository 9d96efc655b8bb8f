import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { headlessNotSplit } from '../../../shared/rules/routes/headless-not-split.ts'
import { lintView } from '../../../shared/rules/introduced.ts'
import { formatPath } from '../../../shared/rules/rule.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { objectsOf } from '../../providers/istio/resolve/corpus.ts'

const one = (text: string): KubeObject => objectsOf(text)[0]!
const service = (name: string, more = 'clusterIP: None'): KubeObject =>
  one(
    `{apiVersion: v1, kind: Service, metadata: {name: ${name}, namespace: shop}, spec: {${more}, selector: {app: cart}, ports: [{name: http, port: 80}]}}`,
  )
const workload = (version: string): KubeObject =>
  one(
    `{apiVersion: apps/v1, kind: Deployment, metadata: {name: cart-${version}, namespace: shop}, spec: {template: {metadata: {labels: {app: cart, version: ${version}}}}}}`,
  )
const istio = (kind: string, spec: string): KubeObject =>
  one(
    `{apiVersion: networking.istio.io/v1, kind: ${kind}, metadata: {name: cart, namespace: shop}, spec: ${spec}}`,
  )
const rule = istio(
  'DestinationRule',
  '{host: cart, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}',
)
const to = (host: string, subset?: string, weight?: number): string =>
  `{destination: {host: ${host}${subset === undefined ? '' : `, subset: ${subset}`}}${weight === undefined ? '' : `, weight: ${weight}`}}`
const routes = (route: string, more = 'hosts: [cart]'): KubeObject =>
  istio('VirtualService', `{${more}, http: [{${route}}]}`)
const route = (...destinations: readonly string[]): string => `route: [${destinations.join()}]`

const [v1, v2] = [workload('v1'), workload('v2')]
const found = (...objects: readonly KubeObject[]) =>
  lintView(
    { rules: [headlessNotSplit], settings: { complete: true, relativeWeights: false } },
    snapshot(objects),
  ).map(({ path, severity }) => [formatPath(path), severity.webhook, severity.lint])
const split = routes(route(to('cart', 'v1', 90), to('cart', 'v2', 10)))

describe('a route that chooses among the pods of a headless Service', () => {
  const base = [service('cart'), rule, v1, v2]
  it('is found once, however many subsets it names', () =>
    assert.deepEqual(found(...base, split), [['spec.http[0].route', 'warning', 'warning']]))
  it('is found with one subset, and for a mirror', () => {
    assert.deepEqual(found(...base, routes(route(to('cart', 'v1')))), [
      ['spec.http[0].route[0].destination.subset', 'warning', 'warning'],
    ])
    assert.deepEqual(found(...base, routes(`${route(to('cart'))}, mirror: {host: cart, subset: v2}`)), [
      ['spec.http[0].mirror.subset', 'warning', 'warning'],
    ])
  })
  it('is found where no workload is in view', () =>
    assert.equal(found(service('cart'), rule, routes(route(to('cart', 'v1')))).length, 1))
  it('is found where the versions are headless Services of their own', () => {
    const names = ['cart-v1', 'cart-v2'].map(name => service(name))
    assert.deepEqual(
      found(
        service('cart'),
        ...names,
        routes(route(to('cart-v1', undefined, 90), to('cart-v2', undefined, 10))),
      ),
      [
        ['spec.http[0].route[0].destination.host', 'warning', 'warning'],
        ['spec.http[0].route[1].destination.host', 'warning', 'warning'],
      ],
    )
  })
})

describe('the fix', () => {
  const set = (version: string, more = ''): KubeObject =>
    one(
      `{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: cart-${version}, namespace: shop}, spec: {${more}template: {metadata: {labels: {app: cart, version: ${version}}}}}}`,
    )
  const fixes = (...objects: readonly KubeObject[]): readonly string[] =>
    lintView(
      { rules: [headlessNotSplit], settings: { complete: true, relativeWeights: false } },
      snapshot(objects),
    ).map(({ fix }) => fix)
  const own = 'serviceName: cart, '

  it('keeps a Service headless whose pods a StatefulSet names by it', () => {
    const [fix, ...more] = fixes(service('cart'), rule, set('v1', own), set('v2', own), split)
    assert.deepEqual(more, [])
    assert.match(
      fix!,
      /^Keep cart\.shop\.svc\.cluster\.local headless, as StatefulSet shop\/cart-v1 names it\. Add a second Service/,
    )
  })
  it('gives any other Service a cluster IP', () => {
    for (const others of [
      [v1, v2],
      [set('v1'), set('v2', 'serviceName: other, ')],
    ])
      assert.deepEqual(fixes(service('cart'), rule, ...others, split), [headlessNotSplit.fix])
  })
  it('leads to routes without a finding', () => {
    const second = service('cart-routed', 'clusterIP: 10.0.0.3')
    const there = [
      istio(
        'DestinationRule',
        '{host: cart-routed, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}',
      ),
      routes(route(to('cart-routed', 'v1', 90), to('cart-routed', 'v2', 10)), 'hosts: [cart-routed]'),
    ]
    assert.deepEqual(fixes(service('cart'), second, set('v1', own), set('v2', own), ...there), [])
  })
})

describe('a route to a headless Service is fine', () => {
  it('where it does not choose', () =>
    assert.deepEqual(found(service('cart'), rule, v1, v2, routes(route(to('cart')))), []))
  it('where all pods are of the one version', () =>
    assert.deepEqual(found(service('cart'), rule, v1, routes(route(to('cart', 'v1')))), []))
  it('where the other version gets nothing, and all pods are of the first', () =>
    assert.deepEqual(
      found(service('cart'), rule, v1, routes(route(to('cart', 'v1', 100), to('cart', 'v2', 0)))),
      [],
    ))
  it('beside another host that takes a share', () =>
    assert.deepEqual(
      found(
        service('cart'),
        service('canary', 'clusterIP: 10.0.0.2'),
        v1,
        v2,
        routes(route(to('cart', undefined, 90), to('canary', undefined, 10))),
      ),
      [],
    ))
  it('through a gateway, which knows the pods', () => {
    const gateway = istio(
      'Gateway',
      "{selector: {istio: gw}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]}",
    )
    const outside = (gateways: string): KubeObject =>
      routes(
        route(to('cart', 'v1', 90), to('cart', 'v2', 10)),
        `hosts: [cart.example.com, cart], gateways: [${gateways}]`,
      )
    assert.deepEqual(found(service('cart'), rule, v1, v2, gateway, outside('cart')), [])
    assert.equal(found(service('cart'), rule, v1, v2, gateway, outside('cart, mesh')).length, 1)
  })
  it('where it has a cluster IP', () =>
    assert.deepEqual(found(service('cart', 'clusterIP: 10.0.0.1'), rule, v1, v2, split), []))
  it('where nobody takes the route', () =>
    assert.deepEqual(
      found(
        service('cart'),
        rule,
        v1,
        v2,
        routes(route(to('cart', 'v1')), 'hosts: [cart], gateways: [none]'),
      ),
      [],
    ))
})
