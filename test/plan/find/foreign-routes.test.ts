import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { foreignNotes, requireOneApi, whoWins } from '../../../shared/plan/find/foreign-routes.ts'
import { providers } from '../../../shared/providers/providers.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { apisixRoute, to as toBackend } from '../apisix/shop.ts'
import { gateway, route as httpRoute, toService } from '../../providers/gateway-api/written-objects.ts'
import { objects, route, shop, to } from '../written-worlds.ts'

const service = { name: 'catalog', namespace: 'shop', clusterDomain: 'cluster.local' }
const target = { namespace: 'shop', command: 'weight v2=10', live: true }
const [older, younger] = ['2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z']

const virtualService = (created = ''): readonly KubeObject[] =>
  objects(
    route(
      'shop/catalog',
      `{hosts: [catalog], http: [${to('v1')}]}`,
      created === '' ? '' : `creationTimestamp: ${created}`,
    ),
  )
const forMesh = (created?: string): KubeObject =>
  httpRoute('shop/next', { parents: [toService('catalog')], ...(created !== undefined && { created }) })
const atGateway = [gateway('infra/gw'), httpRoute('shop/next', { hostnames: ['shop.example.com'] })]
const viewOf = (...routes: readonly KubeObject[]): ClusterView => snapshot([...objects(...shop), ...routes])
const apisix = apisixRoute('catalog', [
  { name: 'all', match: { paths: ['/*'] }, backends: [toBackend('catalog')] },
])
const named = (name: string) => providers.find(provider => provider.name === name)!
const vs = { kind: 'VirtualService', namespace: 'shop', name: 'catalog' } as const
const hr = { kind: 'HTTPRoute', namespace: 'shop', name: 'next' } as const

describe('of several routes for callers in the mesh', () => {
  it('the oldest is named as the one that Istio follows', () => {
    for (const refs of [
      [vs, hr],
      [hr, vs],
    ]) {
      const first = viewOf(...virtualService(older), forMesh(younger))
      assert.ok(whoWins(first, refs).endsWith(': VirtualService shop/catalog.'))
      const second = viewOf(...virtualService(younger), forMesh(older))
      assert.ok(whoWins(second, refs).endsWith(': HTTPRoute shop/next.'))
    }
  })

  it('none is named where the age of one is not known', () => {
    for (const view of [
      viewOf(...virtualService(older), forMesh()),
      viewOf(...virtualService(), forMesh(older)),
      viewOf(...virtualService(), forMesh()),
    ])
      assert.ok(whoWins(view, [vs, hr]).endsWith('ignores the others.'))
  })
})

/** The error of an edit of the catalog by one API. */
function refusal(view: ClusterView, name: string, isEdit = true): CanaryError | undefined {
  try {
    requireOneApi({ view, providers }, target, { provider: named(name), service, isEdit })
    return undefined
  } catch (error) {
    assert.ok(error instanceof CanaryError)
    return error
  }
}

describe('an edit of a service that two APIs route', () => {
  it('is to choose one of them, each offered as a command', () => {
    const error = refusal(viewOf(...virtualService(older), forMesh(younger)), 'istio')
    assert.equal(error?.code, 'ambiguous')
    assert.equal(
      error.message,
      'catalog is routed by several APIs: VirtualService shop/catalog, HTTPRoute shop/next',
    )
    assert.deepEqual(error.hints.slice(-2), [
      '  kubectl canary weight v2=10 --provider istio',
      '  kubectl canary weight v2=10 --provider gateway-api',
    ])
  })

  it('is no question where one routes it', () => {
    assert.equal(refusal(viewOf(...virtualService()), 'istio'), undefined)
    assert.equal(refusal(viewOf(forMesh()), 'gateway-api'), undefined)
  })

  it('is refused by an API that does not route it, with the command without --provider; a look is not', () => {
    const view = viewOf(...virtualService())
    const error = refusal(view, 'gateway-api')
    assert.equal(error?.code, 'not-found')
    assert.equal(error.message, 'no object of gateway-api routes catalog: VirtualService shop/catalog does')
    assert.deepEqual(error.hints, ['Leave out --provider: kubectl canary weight v2=10'])
    assert.equal(refusal(view, 'gateway-api', false), undefined)
    assert.equal(refusal(viewOf(), 'gateway-api'), undefined)
  })
})

describe('what is said of routes of another API', () => {
  const said = (view: ClusterView, name: string): unknown =>
    foreignNotes(view, { provider: named(name), service })
  const note = { kind: 'foreign-routes', service: 'catalog' }

  it('is that they contradict each other where both are for callers in the mesh', () => {
    const view = viewOf(...virtualService(), ...atGateway)
    assert.deepEqual(said(view, 'istio'), [{ ...note, routes: [hr] }])
    assert.deepEqual(said(view, 'gateway-api'), [{ ...note, routes: [vs] }])
  })

  it('is that each is for other requests where one of them is not for the mesh', () => {
    const view = viewOf(...virtualService(), apisix)
    const ar = { kind: 'ApisixRoute', namespace: 'shop', name: 'catalog' }
    assert.deepEqual(said(view, 'istio'), [{ ...note, routes: [ar], isApart: true }])
    assert.deepEqual(said(view, 'apisix'), [{ ...note, routes: [vs], isApart: true }])
  })

  it('is that requests by them do not follow the pods where these alone decide', () => {
    assert.deepEqual(said(viewOf(...virtualService()), 'deployment'), [
      { ...note, routes: [vs], isLast: true },
    ])
  })

  it('is nothing where there are none', () => {
    assert.deepEqual(said(viewOf(...virtualService()), 'istio'), [])
  })
})
