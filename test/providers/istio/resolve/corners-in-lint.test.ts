import assert from 'node:assert/strict'
import test from 'node:test'
import { catalogue } from '../../../../shared/rules/catalogue.ts'
import { lintView } from '../../../../shared/rules/introduced.ts'
import { snapshot } from '../../../../shared/view/snapshot.ts'
import { objectsOf } from './corpus.ts'
import { cart, front, istio, service, stable } from './written-objects.ts'

/** Rule and severity of all that lint says about destinations. */
const said = (world: string): readonly string[] =>
  lintView(
    { rules: catalogue, settings: { complete: true, relativeWeights: false } },
    snapshot(objectsOf(world)),
  ).map(({ rule, severity }) => `${rule} ${severity.lint}`)

test('lint accepts a host in upper case, where http routes still apply', () => {
  assert.deepEqual(
    said(
      cart
        + stable
        + istio(
          'VirtualService',
          'shop/cart',
          '{ hosts: [Cart], http: [{ route: [{ destination: { host: cart, subset: stable } }] }] }',
        ),
    ).filter(text => text.startsWith('unexpanded-host')),
    [],
  )
})

test('lint asks the namespaces that the routed Service is exported to', () => {
  const hidden = cart.replace(
    'namespace: shop }',
    'namespace: shop, annotations: { networking.istio.io/exportTo: other } }',
  )
  assert.ok(
    said(
      hidden
        + istio(
          'VirtualService',
          'shop/cart',
          '{ hosts: [cart], http: [{ route: [{ destination: { host: nowhere.example.com } }] }] }',
        ),
    ).includes('unknown-host warning'),
  )
})

test('lint asks the workloads that a Sidecar selects', () => {
  const world =
    cart
    + stable
    + istio(
      'VirtualService',
      'shop/a',
      '{ hosts: [cart], http: [{ route: [{ destination: { host: cart, subset: stable } }] }] }',
    )
    + istio(
      'VirtualService',
      'other/b',
      '{ hosts: [cart.shop.svc.cluster.local], exportTo: [shop], http: [{ route: [{ destination: { host: cart.shop.svc.cluster.local, subset: gone } }] }] }',
    )
    + istio(
      'Sidecar',
      'shop/some',
      '{ workloadSelector: { labels: { app: caller } }, egress: [{ hosts: ["other/*", "shop/cart.shop.svc.cluster.local"] }] }',
    )
  assert.ok(said(world).some(text => text.startsWith('undefined-subset')))
})

test('lint warns where a subset is empty only for those whose own DestinationRule says so', () => {
  const world =
    cart
    + stable
    + istio(
      'VirtualService',
      'shop/cart',
      '{ hosts: [cart], http: [{ route: [{ destination: { host: cart, subset: stable } }] }] }',
    )
  const own = istio(
    'DestinationRule',
    'other/cart',
    '{ host: cart.shop.svc.cluster.local, subsets: [{ name: stable, labels: { version: v7 } }] }',
  )
  assert.ok(!said(world).some(text => text.startsWith('subset-matches-no-workload')))
  assert.ok(said(world + own).includes('subset-matches-no-workload warning'))
})

test('lint says that a subset is hidden from some, also where others call by a port that is not there', () => {
  const world =
    service(
      'gate',
      'selector: { app: gate }, ports: [{ name: http, port: 80 }, { name: http-admin, port: 8080 }]',
    )
    + front
    + istio(
      'DestinationRule',
      'shop/front',
      '{ host: front, subsets: [{ name: v1, labels: { version: v1 } }] }',
    )
    + istio('DestinationRule', 'web/front', '{ host: front.shop.svc.cluster.local }')
    + istio(
      'VirtualService',
      'shop/gate',
      '{ hosts: [gate], http: [{ route: [{ destination: { host: front, subset: v1 } }] }] }',
    )
  assert.deepEqual(
    said(world).filter(text => /subset|port/.test(text)),
    ['subset-hidden-from-clients warning'],
  )
})
