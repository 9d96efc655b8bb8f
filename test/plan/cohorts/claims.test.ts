import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { VirtualService } from '../../../shared/objects/virtual-service.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planRemoveCohort } from '../../../shared/plan/plan-remove-cohort.ts'
import type { Condition } from '../../../shared/routing/condition.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { apply, cohortIntent } from '../intents.ts'
import { objects, route, shop, to, trafficIn } from '../written-worlds.ts'

const claim = (name: string): Condition => ({ on: 'claim', name, match: { exact: 'internal' } })
const headers = { '@request.auth.claims.group': { exact: 'internal' } }
const front = route('shop/front', `{hosts: [shop.example.com], gateways: [gw], http: [${to('v1')}]}`)
const mesh = route('shop/catalog', `{hosts: [catalog], http: [${to('v1')}]}`)
const gateway =
  '{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: gw, namespace: shop}, spec: {selector: {istio: ingress}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.example.com]}]}}'
const proxy =
  '{apiVersion: v1, kind: Pod, metadata: {name: ingress, namespace: shop, labels: {istio: ingress, app: ingress}}, spec: {}}'
const tokens = (namespace: string, selector: string): string =>
  `{apiVersion: security.istio.io/v1, kind: RequestAuthentication, metadata: {name: tokens, namespace: ${namespace}}, spec: {${selector === '' ? '' : `selector: {matchLabels: ${selector}}, `}jwtRules: [{issuer: x}]}}`

const target = { service: 'catalog', namespace: 'shop', command: 'cohort internal --to v2' }
const plan = (view: ClusterView, { live = false, when = claim('group') } = {}) =>
  planCohort(view, cohortIntent('internal', 'v2', { target: { ...target, live }, conditions: [when] }))
const world = (...texts: readonly string[]): ClusterView => snapshot(objects(...shop, ...texts))
const blocksIn = (view: ClusterView, name: string): readonly unknown[] =>
  view
    .get<'VirtualService'>({ kind: 'VirtualService', namespace: 'shop', name })!
    .spec.http!.flatMap(({ name: own, match }) => (own?.startsWith('canary-') === true ? (match ?? []) : []))

describe('a cohort by the claim of a token', () => {
  it('is set at gateways, and leaves a VirtualService for the mesh as it is', () => {
    const view = world(gateway, front, mesh)
    const planned = plan(view)
    const during = apply(view, planned)
    assert.deepEqual([blocksIn(during, 'front'), blocksIn(during, 'catalog')], [[{ headers }], []])
    assert.deepEqual(
      planned.notes.map(({ kind }) => kind).filter(kind => kind.startsWith('no-')),
      ['no-claims-in-mesh', 'no-request-authentication'],
    )
  })

  it('gives back each object when it is removed', () => {
    const view = world(gateway, front, mesh)
    const during = apply(view, plan(view))
    const after = apply(
      during,
      planRemoveCohort(during, { target: { ...target, live: false }, name: 'internal' }),
    )
    assert.deepEqual(after.list('VirtualService'), view.list('VirtualService'))
  })

  it('keeps the case of the claim, and nests by dots', () => {
    const view = world(gateway, front)
    for (const [name, key] of [
      ['realmAccess.roles', '@request.auth.claims.realmAccess.roles'],
      ['[https://example.com/Group]', '@request.auth.claims[https://example.com/Group]'],
    ] as const) {
      const during = apply(view, plan(view, { when: claim(name) }))
      assert.deepEqual(blocksIn(during, 'front'), [{ headers: { [key]: { exact: 'internal' } } }])
      const again = plan(during, { when: claim(name) })
      assert.deepEqual(again.changes, [], name)
    }
  })
})

describe('a status with a cohort by the claim of a token', () => {
  it('has it at the gateway, and does not say that it lacks routes in the mesh', () => {
    const view = world(gateway, front, mesh)
    const during = apply(view, plan(view))
    const texts = [...during.list('VirtualService'), ...during.list('DestinationRule')].map(object =>
      JSON.stringify(object as KubeObject),
    )
    const shown = trafficIn([...shop.filter(text => !text.includes('DestinationRule')), gateway, ...texts])
    assert.deepEqual(
      shown.entryPoints.map(({ ref, cohorts }) => [ref.name, cohorts.map(({ to: version }) => version)]),
      [
        ['catalog', []],
        ['front', ['v2']],
      ],
    )
    assert.deepEqual(
      shown.notes.filter(({ kind }) => kind === 'cohort-lacks-routes'),
      [],
    )
  })
})

describe('a VirtualService for the mesh, and a cohort by the claim of a token', () => {
  it('is refused where the routes are for the mesh only', () => {
    assert.throws(
      () => plan(world(mesh)),
      error =>
        error instanceof CanaryError && error.code === 'refused' && /tokens are not read/.test(error.message),
    )
  })

  it('narrows a block that names a gateway and drops one for the mesh', () => {
    const both = route(
      'shop/front',
      `{hosts: [shop.example.com, catalog], gateways: [gw, mesh], http: [{match: [{gateways: [mesh]}, {gateways: [gw], uri: {prefix: /a}}], ${to('v1').slice(1)}]}`,
    )
    const view = world(gateway, both)
    const during = apply(view, plan(view))
    assert.deepEqual(blocksIn(during, 'front'), [{ gateways: ['gw'], uri: { prefix: '/a' }, headers }])
  })
})

const isRefused = (...texts: readonly string[]): boolean => {
  try {
    plan(world(gateway, front, ...texts), { live: true })
    return false
  } catch (error) {
    assert.ok(error instanceof CanaryError && error.code === 'refused', String(error))
    assert.match(error.message, /no RequestAuthentication lets the proxies of Gateway shop\/gw read tokens/)
    return true
  }
}

describe('what lets the proxies of a gateway read tokens', () => {
  it('is a RequestAuthentication of their namespace or the root namespace, whose selector they meet', () => {
    assert.ok(isRefused(proxy))
    assert.ok(isRefused(proxy, tokens('other', '')))
    assert.ok(isRefused(proxy, tokens('shop', '{app: catalog}')))
    assert.ok(isRefused(proxy, tokens('shop', '').replace('jwtRules: [{issuer: x}]', 'jwtRules: []')))
    assert.ok(!isRefused(proxy, tokens('shop', '')))
    assert.ok(!isRefused(proxy, tokens('shop', '{istio: ingress}')))
    assert.ok(!isRefused(proxy, tokens('istio-system', '{app: ingress}')))
  })
  it('may be of any namespace where the proxies are not in view', () => {
    assert.ok(!isRefused(tokens('istio-ingress', '{istio: ingress, revision: a}')))
    assert.ok(isRefused(tokens('istio-ingress', '{istio: egress}')))
  })
  it('is not asked for twice: a later edit of the cohort keeps it', () => {
    const view = world(gateway, front, proxy)
    const during = apply(view, plan(view))
    const again = planCohort(
      during,
      cohortIntent('internal', 'v2', {
        target: { ...target, live: false },
        conditions: [],
        reason: 'more',
      }),
    )
    const object = again.changes[0]!.after as VirtualService
    assert.match(object.metadata.annotations!['kubectl-canary/cohorts']!, /"reason":"more"/)
  })
})
