import assert from 'node:assert/strict'
import type { CanaryError } from '../../../shared/objects/canary-error.ts'
import { formatNote } from '../../../plugin/print/notes.ts'
import { peopleAfter } from '../people-after.ts'
import { describe, it } from 'node:test'
import type { InitIntent } from '../../../shared/plan/intent.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planInit } from '../../../shared/plan/plan-init.ts'
import { planRemoveCohort } from '../../../shared/plan/plan-remove-cohort.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import type { VirtualService } from '../../../shared/objects/virtual-service.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { apply, code, cohortIntent } from '../intents.ts'
import { catalogService, deployment, objects, route, shop, to } from '../written-worlds.ts'

const target = { service: 'catalog', namespace: 'shop', command: 'init --stable v1' }
const init = (texts: readonly string[], more: Partial<InitIntent> = {}) =>
  planInit(snapshot(objects(...texts)), { target, stable: 'v1', gateways: [], hosts: [], ...more })
const made = (texts: readonly string[], more: Partial<InitIntent> = {}): readonly VirtualService[] =>
  init(texts, more).changes.flatMap(({ after }) =>
    after?.kind === 'VirtualService' ? [after as VirtualService] : [],
  )
const atGateway = { gateways: ['gw'], hosts: ['shop.example.com'] }
const mesh = route('shop/catalog', `{hosts: [catalog], http: [${to('v1')}]}`)

describe('init', () => {
  it('is refused where it would override the routes of a wildcard, and says so where a person insists', () => {
    const wildcard = route(
      'shop/all',
      '{hosts: ["*.shop.svc.cluster.local"], http: [{match: [{uri: {prefix: /items}}], directResponse: {status: 403}}]}',
    )
    assert.equal(
      code(() => init([...shop, wildcard])),
      'refused',
    )
    const weight = {
      target: { ...target, command: 'weight v2=10' },
      weights: new Map([['v2', 10]]),
      force: false,
    }
    assert.throws(
      () => planWeight(snapshot(objects(...shop, wildcard)), weight),
      (error: CanaryError) =>
        /VirtualService shop\/all.* init catalog --stable v1 .*--force$/.test(error.hints.join()),
    )
    assert.match(
      init([...shop, wildcard], { force: true })
        .notes.map(formatNote)
        .join(),
      /^Overridden by --force: VirtualService shop\/all spec\.http\[0\] \(\/items\*: answers 403\)/,
    )
  })
  it('is refused where a route that takes everything comes before the new one, whoever insists', () => {
    const all = route(
      'shop/all',
      '{hosts: [shop.example.com], gateways: [gw], http: [{route: [{destination: {host: orders}}]}]}',
    )
    for (const force of [false, true])
      assert.throws(
        () => init([...shop, mesh, all], { ...atGateway, force }),
        /would take no requests: VirtualService shop\/all spec\.http\[0\] takes everything/,
      )
  })
})

describe('init at a gateway', () => {
  it('adds a route for a gateway beside one for the mesh', () => {
    assert.deepEqual(
      made([...shop, mesh], atGateway).map(({ metadata, spec }) => [metadata.name, spec.gateways]),
      [['catalog-gateway', ['gw']]],
    )
    assert.deepEqual(
      made(shop, atGateway).map(({ spec }) => spec.gateways),
      [undefined, ['gw']],
    )
    assert.deepEqual(made([...shop, mesh]), [])
    const served = route('shop/b', `{hosts: [shop.example.com], gateways: [gw], http: [${to('v1')}]}`)
    assert.deepEqual(made([...shop, served]), [])
    assert.deepEqual(
      made([...shop, served], { ...atGateway, gateways: ['gw', 'other'] }).map(({ spec }) => spec.gateways),
      [undefined, ['other']],
    )
  })
  it('adds a route for the hosts that it does not have there yet, however the gateway is named', () => {
    const served = route('shop/b', `{hosts: ['*.example.com'], gateways: [shop/gw], http: [${to('v1')}]}`)
    const at = (gateways: readonly string[], hosts: readonly string[]) =>
      made([...shop, mesh, served], { gateways, hosts }).map(({ spec }) => [spec.gateways, spec.hosts])
    assert.deepEqual(at(['gw'], ['shop.example.com']), [])
    assert.deepEqual(at(['gw'], ['shop.example.com', 'shop.example.org', 'shop.example.net']), [
      [['gw'], ['shop.example.org', 'shop.example.net']],
    ])
    assert.deepEqual(at(['gw', 'other'], ['shop.example.com', 'shop.example.org']), [
      [['gw', 'other'], ['shop.example.org']],
      [['other'], ['shop.example.com']],
    ])
  })
})

describe('init of the mesh and the port beside a gateway', () => {
  it('does not take a delegate of a gateway for a route of callers in the mesh', () => {
    const root = route(
      'shop/root',
      '{hosts: [shop.example.com], gateways: [gw], http: [{delegate: {name: leaf}}]}',
    )
    const leaf = route('shop/leaf', `{http: [${to('v1')}]}`)
    assert.deepEqual(
      made([...shop, root, leaf], { gateways: ['gw'], hosts: ['shop.example.com'] }).map(
        ({ spec }) => spec.hosts,
      ),
      [['catalog']],
    )
  })
  it('names the port at a gateway where the Service has several, as far as one takes http', () => {
    const ports = (list: string): readonly string[] => [
      catalogService.replace('[{name: http, port: 80}]', list),
      ...shop.slice(1),
    ]
    const portAt = (texts: readonly string[]) =>
      made(texts, atGateway).at(-1)!.spec.http![0]!.route![0]!.destination.port
    assert.equal(portAt(shop), undefined)
    assert.deepEqual(portAt(ports('[{name: tcp-admin, port: 9000}, {name: http, port: 80}]')), { number: 80 })
    assert.equal(
      code(() => made(ports('[{name: http-a, port: 80}, {name: http-b, port: 81}]'), atGateway)),
      'usage',
    )
  })
})

describe('init of routes that exist', () => {
  it('is refused where a controller owns a VirtualService of the host', () => {
    const owned = route(
      'shop/catalog',
      `{hosts: [catalog], http: [${to('v1')}]}`,
      'ownerReferences: [{apiVersion: flagger.app/v1beta1, kind: Canary, name: catalog, controller: true}]',
    )
    assert.throws(() => init([...shop, owned]), /belongs to Canary shop\/catalog/)
  })
  it('pins a route for good: nothing is put back when a later cohort goes', () => {
    const bare = route(
      'shop/catalog',
      '{hosts: [catalog], http: [{route: [{destination: {host: catalog}}]}]}',
    )
    const view = apply(snapshot(objects(...shop, bare)), init([...shop, bare]))
    const during = apply(view, planCohort(view, cohortIntent('internal', 'v2', { target })))
    const left = apply(during, planRemoveCohort(during, { target, name: 'internal' }))
    assert.deepEqual(left.list('VirtualService'), view.list('VirtualService'))
    assert.equal(view.list('VirtualService')[0]!.metadata.annotations, undefined)
  })
})

describe('a VirtualService that Istio ignores for an older one', () => {
  const older = route(
    'shop/older',
    `{hosts: [catalog], http: [${to('v1')}]}`,
    'creationTimestamp: "2026-01-01T00:00:00Z"',
  )
  const younger = (more = ''): string =>
    route(
      'shop/younger',
      `{hosts: [catalog], http: [${to('v1')}]}`,
      `creationTimestamp: "2026-02-01T00:00:00Z"${more}`,
    )
  const plan = (...texts: readonly string[]) =>
    planWeight(snapshot(objects(...shop, ...texts)), { target, weights: new Map([['v2', 10]]), force: false })
  const edited = (...texts: readonly string[]) =>
    plan(...texts).changes.map(({ after }) => after?.metadata.name)
  it('is not edited, and is named', () => {
    assert.deepEqual(edited(older, younger()), ['older'])
    assert.match(
      plan(older, younger()).notes.map(formatNote).join(),
      /VirtualService shop\/younger takes no requests.*conflicting-virtual-services/,
    )
    assert.deepEqual(peopleAfter(plan(older, younger())), ['catalog: everyone → v1 90 %, v2 10 %'])
  })
  it('is edited where a canary is written down on it', () => {
    assert.deepEqual(edited(older, younger(', annotations: {kubectl-canary/stable: v1}')), [
      'older',
      'younger',
    ])
  })
  it('is edited where it is idle for another reason', () => {
    const gateway = route('shop/gateway', `{hosts: [a.example.com], gateways: [none], http: [${to('v1')}]}`)
    const live = planWeight(snapshot(objects(...shop, older, gateway)), {
      target: { ...target, live: true },
      weights: new Map([['v2', 10]]),
      force: false,
    })
    assert.deepEqual(live.changes.map(({ after }) => after?.metadata.name ?? '').toSorted(), [
      'gateway',
      'older',
    ])
  })
})

describe('a version without a ready pod', () => {
  const world = [catalogService, deployment('v1'), deployment('v2', 0), shop[3]!]
  const live = { ...target, live: true }
  const ask = (weight: number, http: string) => () =>
    planWeight(snapshot(objects(...world, route('shop/catalog', `{hosts: [catalog], http: [${http}]}`))), {
      target: live,
      weights: new Map([['v2', weight]]),
      stable: 'v1',
      force: false,
    })
  const half =
    '{route: [{destination: {host: catalog, subset: v1}, weight: 50}, {destination: {host: catalog, subset: v2}, weight: 50}]}'
  it('gets no more than it has', () => {
    assert.equal(code(ask(60, half)), 'refused')
    assert.equal(code(ask(50, half)), 'none')
    assert.equal(code(ask(10, half)), 'none')
    assert.equal(code(ask(0, to('v1'))), 'none')
    assert.equal(code(ask(10, to('v1'))), 'refused')
  })
  it('gets no other cohort than it has', () => {
    const view = snapshot(objects(...world, mesh))
    const during = apply(
      view,
      planCohort(view, cohortIntent('internal', 'v2', { target: live, force: true })),
    )
    assert.equal(
      code(() => planCohort(during, cohortIntent('internal', 'v2', { target: live, reason: 'x' }))),
      'none',
    )
    assert.equal(
      code(() => planCohort(during, cohortIntent('beta', 'v2', { target: live }))),
      'refused',
    )
  })
})
