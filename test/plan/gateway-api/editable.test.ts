import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { gatewayApi } from '../../../shared/providers/gateway-api/provider.ts'
import { inSession } from '../../../shared/view/session.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { around, catalogRoute, to } from './shop.ts'

const service = { name: 'catalog', namespace: 'shop', clusterDomain: 'cluster.local' }
const purpose = { needs: 'weights', inits: [], command: 'kubectl canary weight' } as const
const editable = (...rules: readonly object[]) => {
  const view = inSession(snapshot([...around, catalogRoute(rules)]))
  return gatewayApi.editable(gatewayApi.read(view, service, { complete: true }), purpose)
}
const beta = (...backendRefs: readonly object[]): object => ({
  matches: [{ queryParams: [{ name: 'beta', value: '1' }] }],
  backendRefs,
})
const rule = (...backendRefs: readonly object[]): object => ({ backendRefs })

describe('the versions that take ordinary requests', () => {
  const taking = (...rules: readonly object[]): readonly string[] => editable(...rules).taking
  it('are those with a share of a rule that singles nobody out', () => {
    assert.deepEqual(taking(rule(to('catalog-v1', 1), to('catalog-v2', 0))), ['v1'])
    assert.deepEqual(taking(rule(to('catalog-v1', 1), to('catalog-v2', 1))), ['v1', 'v2'])
    assert.deepEqual(taking(beta(to('catalog-v2')), rule(to('catalog-v1'))), ['v1'])
  })
  it('are those of such rules where there are no others', () => {
    assert.deepEqual(taking(beta(to('catalog-v2'))), ['v2'])
  })
  it('are not those of a rule that takes nothing because another one does, unless no rule takes any', () => {
    assert.deepEqual(taking(rule(to('catalog-v1')), rule(to('catalog-v2'))), ['v1'])
  })
  it('are any where a rule leads to the pods of all, and not where it leads to another Service', () => {
    assert.equal(editable(rule(to('catalog', 1), to('catalog-v1', 1))).takesAny, true)
    assert.equal(editable(rule(to('catalog', 0), to('catalog-v1', 1))).takesAny, false)
    assert.equal(editable(rule(to('orders', 1), to('catalog-v1', 1))).takesAny, false)
  })
})

describe('a rule that no request reaches', () => {
  it('leads to no version, so that it contradicts no other rule', () => {
    const { routes } = editable(rule(to('catalog-v1')), rule(to('catalog-v2')))
    assert.deepEqual(
      routes.map(({ versions }) => versions),
      [['v1'], []],
    )
  })
})

describe('a rule as it is offered', () => {
  const [only] = editable({
    ...beta(to('catalog-v1', 0), to('catalog-v2', 3)),
    name: 'for-testers',
  }).routes
  it('has its place, its name, what it takes, and the versions with a share of it', () => {
    assert.deepEqual(only, {
      object: { kind: 'HTTPRoute', namespace: 'shop', name: 'catalog' },
      place: 'spec.rules[0]',
      word: 'for-testers',
      takes: 'query beta=1',
      hosts: ['*'],
      versions: ['v2'],
      singlesOut: true,
      isOnCanary: false,
    })
  })
  it('is called by its path without a name, and by its place without both', () => {
    const atItems = { matches: [{ path: { value: '/items' } }], backendRefs: [to('catalog-v1')] }
    assert.deepEqual(
      editable(atItems, rule(to('catalog-v1'))).routes.map(({ word }) => word),
      ['/items', 'rules[1]'],
    )
  })
  it('leads to versions with 1 % of its requests', () => {
    assert.deepEqual(editable(rule(to('catalog-v1', 99), to('catalog-v2', 1))).routes[0]?.versions, [
      'v1',
      'v2',
    ])
  })
  it('leads to no versions where some of its requests go to any', () => {
    assert.deepEqual(editable(rule(to('catalog', 1), to('catalog-v1', 1))).routes[0]?.versions, [])
  })
})

describe('the shadow traffic of a rule', () => {
  it('is told by the version, the Service or the kind that it goes to', () => {
    const filters = [
      { type: 'RequestHeaderModifier', requestHeaderModifier: { remove: ['x-debug'] } },
      ...[to('catalog-v2'), to('orders'), { group: 'x.io', kind: 'Pool', name: 'p' }].map(backendRef => ({
        type: 'RequestMirror',
        requestMirror: { backendRef },
      })),
    ]
    assert.deepEqual(
      editable({ filters, backendRefs: [to('catalog-v1')] }).mirrors.map(({ place, to: version, isOurs }) => [
        place,
        version,
        isOurs,
      ]),
      [
        ['spec.rules[0].filters[1]', 'v2', false],
        ['spec.rules[0].filters[2]', 'orders.shop.svc.cluster.local', false],
        ['spec.rules[0].filters[3]', 'another backend', false],
      ],
    )
  })
})

describe('what init needs of a service of the Gateway API', () => {
  const hosts = ['v1', 'v2'].map(name => ({ host: `catalog-${name}.shop.svc.cluster.local`, ports: [] }))
  const required = (objects: readonly KubeObject[], more: object = {}): CanaryError | undefined => {
    try {
      gatewayApi.requireProvided(snapshot(objects), { ...service, ...more })
      return undefined
    } catch (error) {
      assert.ok(error instanceof CanaryError, String(error))
      return error
    }
  }
  it('is its Service, unless Services of other names are its versions', () => {
    assert.equal(required(around), undefined)
    assert.equal(required([])?.code, 'not-found')
    assert.equal(required([], { hosts }), undefined)
  })
})
