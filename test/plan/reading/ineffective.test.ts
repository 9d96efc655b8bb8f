import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import { readTraffic } from '../../../shared/plan/read-services.ts'
import type { Condition } from '../../../shared/routing/condition.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { cohortIntent } from '../intents.ts'
import { catalogService, deployment, objects, route, rule, subsets, to } from '../written-worlds.ts'

const kept = catalogService.replace('spec: {', 'spec: {sessionAffinity: ClientIP, ')
const around = [
  deployment('v1'),
  deployment('v2'),
  rule('shop/catalog', `{host: catalog, subsets: ${subsets}}`),
]
const split = (v1: number, v2: number, metadata = ''): string =>
  route(
    'shop/catalog',
    `{hosts: [catalog], http: [{route: [{destination: {host: catalog, subset: v1}, weight: ${v1}}, {destination: {host: catalog, subset: v2}, weight: ${v2}}]}]}`,
    metadata,
  )
const recorded = 'annotations: {kubectl-canary/stable: v1}'
const viewOf = (...texts: readonly string[]): ClusterView => snapshot(objects(...texts, ...around))
/** What is said of the affinity of the Service. */
const affinity = (view: ClusterView, live = true): readonly string[] =>
  readTraffic(view, { service: 'catalog', namespace: 'shop', command: 'status', live })[0]!.notes.flatMap(
    note => (note.kind === 'affinity-ignored' ? [note.service, note.fix] : []),
  )

describe('a Service that keeps clients at one pod', () => {
  it('and whose requests proxies share between versions has a note, with the command that keeps users', () => {
    for (const live of [true, false])
      assert.deepEqual(affinity(viewOf(kept, split(20, 80)), live), [
        'catalog',
        'kubectl canary weight catalog v1=20 v2=80 --sticky --stable v2 -n shop',
      ])
    assert.deepEqual(affinity(viewOf(kept, split(90, 10, recorded))), [
      'catalog',
      'kubectl canary weight catalog v1=90 v2=10 --sticky -n shop',
    ])
    assert.equal(affinity(viewOf(kept, split(2, 1)))[1], 'give the split again with --sticky')
  })

  it('has none where one version gets everything, where nothing routes it, and without the affinity', () => {
    const whole = route('shop/catalog', `{hosts: [catalog], http: [${to('v1')}]}`)
    for (const texts of [[kept, whole], [kept], [catalogService, split(90, 10)]])
      assert.deepEqual(affinity(viewOf(...texts)), [])
  })

  it('has none any more after that command', () => {
    const view = viewOf(kept, split(90, 10, recorded))
    const target = { namespace: 'shop', service: 'catalog', command: 'weight catalog', live: true }
    const weights = new Map([
      ['v1', 90],
      ['v2', 10],
    ])
    const { changes } = planWeight(view, {
      target,
      weights,
      sticky: { since: '2026-01-01T00:00:00Z' },
      force: false,
    })
    assert.ok(changes.length > 0)
    assert.deepEqual(affinity(overlay(view, changes)), [])
  })
})

describe('a cohort by the claims of tokens at gateways that read none', () => {
  const gateway =
    '{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: gw, namespace: shop}, spec: {selector: {istio: ingress}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.example.com]}]}}'
  const tokens =
    '{apiVersion: security.istio.io/v1, kind: RequestAuthentication, metadata: {name: tokens, namespace: istio-system}, spec: {jwtRules: [{issuer: x}]}}'
  const front = route('shop/front', `{hosts: [shop.example.com], gateways: [gw], http: [${to('v1')}]}`)
  const said = (live: boolean, when: Condition, ...more: readonly string[]): readonly unknown[] => {
    const view = viewOf(catalogService, gateway, front, ...more)
    const target = { namespace: 'shop', service: 'catalog', command: 'cohort' }
    const during = overlay(
      view,
      planCohort(view, cohortIntent('internal', 'v2', { target, conditions: [when] })).changes,
    )
    return readTraffic(during, { ...target, live })[0]!.notes.filter(
      ({ kind }) => kind === 'no-request-authentication',
    )
  }
  const group: Condition = { on: 'claim', name: 'group', match: { exact: 'internal' } }

  it('has a note on files with the cohort and the gateways', () => {
    const note = {
      kind: 'no-request-authentication',
      cohort: 'internal',
      gateways: ['shop/gw'],
      unread: false,
    }
    assert.deepEqual(said(false, group), [note])
  })

  it('has none on a cluster, which was asked when it was set, where tokens are read, and for other conditions', () => {
    assert.deepEqual(said(true, group), [])
    assert.deepEqual(said(false, group, tokens), [])
    assert.deepEqual(said(false, { on: 'cookie', name: 'group', value: 'internal' }), [])
  })
})
