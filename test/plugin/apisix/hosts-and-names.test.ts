import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { snapshot } from '../../../shared/view/snapshot.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { ApisixRule } from '../../../shared/objects/apisix/apisix-route.ts'
import { apisix } from '../../../shared/providers/apisix/provider.ts'
import type { RouteChoice } from '../../../shared/routing/wanted.ts'
import { around, apisixRoute, to } from '../../plan/apisix/shop.ts'

const rule = (name: string, host: string, path: string): ApisixRule => ({
  name,
  match: { hosts: [host], paths: [path] },
  backends: [to(name === 'orders' ? 'orders' : 'catalog-v1')],
})
const objects: readonly KubeObject[] = [
  ...around,
  apisixRoute('public', [
    rule('items', 'shop.example.com', '/items*'),
    rule('admin', 'admin.example.com', '/*'),
    rule('orders', 'orders.example.com', '/*'),
  ]),
  apisixRoute('partner', [rule('items', 'partner.example.com', '/v2*')]),
]
const service = { name: 'catalog', namespace: 'shop', clusterDomain: 'cluster.local' }
const reading = apisix.read(snapshot(objects), service, { complete: true })

describe('the entry points of ApisixRoutes', () => {
  it('have the hosts of the rules to the service alone, and each rule its own where they differ', () => {
    assert.deepEqual(
      reading.traffic.entryPoints.map(({ hosts, splits }) => [hosts, splits.map(({ takes }) => takes)]),
      [
        [
          ['shop.example.com', 'admin.example.com'],
          ['shop.example.com /items*', 'admin.example.com /*'],
        ],
        [['partner.example.com'], ['/v2*']],
      ],
    )
  })
})

describe('a rule of an ApisixRoute', () => {
  const editable = (choice: RouteChoice | undefined) =>
    apisix.editable(reading, { command: 'weight catalog v2=10', inits: [], needs: 'weights', choice })
  const chosen = (...routes: readonly string[]): readonly string[] =>
    editable({ routes, objects: [] }).routes.map(({ object, place }) => `${object.name} ${place}`)

  it('is called by the names of both where two ApisixRoutes have one of the name', () => {
    const words = editable(undefined).routes.map(({ word }) => word)
    assert.deepEqual(words, ['public/items', 'admin', 'partner/items'])
    for (const word of words) assert.equal(chosen(word).length, 1, word)
    assert.deepEqual(chosen('public/items', 'partner/items'), ['public spec.http[0]', 'partner spec.http[0]'])
  })

  it('is not meant by a name that two of them have, and the error says what to write', () => {
    assert.throws(
      () => chosen('items'),
      (error: Error & { readonly hints?: readonly string[] }) =>
        /several ApisixRoutes have a rule called items/.test(error.message)
        && error.hints?.[0]?.includes('--route public/items, --route partner/items') === true,
    )
    assert.deepEqual(
      editable({ routes: ['items'], objects: ['partner'] }).routes.map(({ object }) => object.name),
      ['partner'],
    )
  })
})
