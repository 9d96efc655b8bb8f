import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HttpRoute, VirtualService } from '../../../shared/objects/virtual-service.ts'
import { planAbort } from '../../../shared/plan/plan-abort.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planPromote } from '../../../shared/plan/plan-promote.ts'
import { planRemoveCohort } from '../../../shared/plan/plan-remove-cohort.ts'
import { readTraffic } from '../../../shared/plan/read-services.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { defaultMesh, withOverrides } from '../../../shared/view/mesh.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { apply, cohortIntent } from '../intents.ts'
import { objects, route, shop, to } from '../written-worlds.ts'

const target = { service: 'catalog', namespace: 'shop', command: 'cohort internal --to v2' }
const orders = (name: string, gateways = '[gw]', more = ''): string =>
  route(
    name,
    `{hosts: [shop.example.com], gateways: ${gateways}, ${more}http: [{match: [{uri: {prefix: /orders}}], route: [{destination: {host: orders}}]}]}`,
  )
const front = (name: string, more = 'gateways: [gw]'): string =>
  route(name, `{hosts: [shop.example.com], ${more}, http: [${to('v1')}]}`)
const start = (...routes: readonly string[]): ClusterView => snapshot(objects(...shop, ...routes))
const set = (view: ClusterView, name = 'internal', version = 'v2'): ClusterView =>
  apply(view, planCohort(view, cohortIntent(name, version, { target })))
const made = (view: ClusterView): readonly VirtualService[] =>
  view.list('VirtualService').filter(({ metadata }) => metadata.name.endsWith('-canary'))
const names = (view: ClusterView) => made(view).map(({ metadata }) => metadata.name)
const cohorts = (view: ClusterView) =>
  made(view).flatMap(({ spec }) =>
    spec.http!.map(({ match }) => match![0]!.headers!['x-istio-cohort']!.exact),
  )

describe('a VirtualService for the copies of a cohort at a gateway', () => {
  it('is named so that Istio sorts it behind all VirtualServices of the gateway', () => {
    assert.deepEqual(names(set(start(front('shop/front'), orders('shop/about')))), ['front-canary'])
    assert.deepEqual(names(set(start(front('shop/front'), orders('shop/orders')))), ['orders-canary'])
    const other = orders('shop/zebra', '[other]')
    assert.deepEqual(names(set(start(front('shop/front'), orders('shop/about'), other))), ['front-canary'])
  })
  it('is named without regard to VirtualServices that share the mesh alone with it', () => {
    const forBoth = front('shop/front', 'gateways: [gw, mesh]')
    const inMesh = orders('shop/zebra', '[mesh]')
    assert.deepEqual(names(set(start(forBoth, orders('shop/about'), inMesh))), ['front-canary'])
  })
  it('gets another name where that one is taken', () => {
    const taken = route('shop/front-canary', '{hosts: [x.example.com], gateways: [other], http: []}')
    const view = set(start(front('shop/front'), orders('shop/about'), taken))
    assert.deepEqual(names(view).toSorted(), ['front-canary', 'front-front-canary'])
  })
})

describe('a VirtualService for the copies at a gateway beside one for the mesh, too', () => {
  it('is for the gateways alone, and exported as the other one; the copy for the mesh stays before its base', () => {
    const view = set(
      start(
        front('shop/front', "gateways: [gw, mesh], exportTo: ['.', edge]").replace(
          '[shop.example.com]',
          '[shop.example.com, catalog]',
        ),
        orders('shop/orders', '[gw]', "exportTo: ['.', edge], "),
      ),
    )
    const { gateways, exportTo, hosts } = made(view)[0]!.spec
    assert.deepEqual(
      { gateways, exportTo, hosts },
      {
        gateways: ['gw'],
        exportTo: ['.', 'edge'],
        hosts: ['shop.example.com', 'catalog'],
      },
    )
    const { http } = view.get({
      kind: 'VirtualService',
      namespace: 'shop',
      name: 'front',
    })!.spec
    assert.deepEqual(
      http!.map(({ match }) => match?.[0]?.gateways),
      [['mesh'], undefined],
    )
  })
  it('has copies that name the gateways alone where the base route names the mesh, too', () => {
    const both = front('shop/front', 'gateways: [gw, mesh]').replace(
      'http: [{',
      'http: [{match: [{uri: {prefix: /}, gateways: [gw, mesh]}], ',
    )
    const view = set(start(both, orders('shop/orders')))
    assert.deepEqual(
      made(view)[0]!.spec.http!.map(({ match }) => match!.map(({ gateways }) => gateways)),
      [[['gw']]],
    )
  })
})

describe('the copies of a cohort elsewhere', () => {
  it('is part of the entry point that it is for', () => {
    const [traffic] = readTraffic(set(start(front('shop/front'), orders('shop/orders'))), { ...target })
    assert.deepEqual(
      traffic!.entryPoints.map(({ ref, cohorts: found }) => [
        ref.name,
        found.map(({ name, reached, uncovered }) => [name, reached, uncovered]),
      ]),
      [['front', [['internal', true, []]]]],
    )
  })
})

describe('a VirtualService of several cohorts', () => {
  it('is not needed for what an earlier VirtualService takes: the copy of the rest is before its base', () => {
    const all = route(
      'shop/all',
      '{hosts: [shop.example.com], gateways: [gw], http: [{route: [{destination: {host: orders}}]}]}',
    )
    const two = front('shop/front').replace(
      'http: [{',
      'http: [{match: [{headers: {x-debug: {exact: "1"}}}, {uri: {prefix: /}}], ',
    )
    const view = set(start(all, two))
    assert.deepEqual(names(view), [])
    const { http } = view.get({ kind: 'VirtualService', namespace: 'shop', name: 'front' })!.spec
    assert.deepEqual(http![0]!.match, [
      { headers: { 'x-debug': { exact: '1' }, 'x-istio-cohort': { exact: 'internal' } } },
    ])
  })
  it('is not needed for a route that overtakes nothing', () => {
    assert.deepEqual(names(set(start(front('shop/front'), orders('shop/orders', '[other]')))), [])
  })
  it('takes the next cohorts too, each where it is', () => {
    const both = set(set(start(front('shop/front'), orders('shop/orders'))), 'beta', 'v1')
    assert.deepEqual(cohorts(both), ['internal', 'beta'])
    assert.deepEqual(cohorts(set(both, 'internal', 'v1')), ['internal', 'beta'])
    assert.deepEqual(planCohort(both, cohortIntent('internal', 'v2', { target })).changes, [])
  })
  it('goes with its last cohort, and leaves what was there', () => {
    const view = start(front('shop/front'), orders('shop/orders'))
    const both = set(set(view), 'beta', 'v1')
    const one = apply(both, planRemoveCohort(both, { target, name: 'internal' }))
    assert.deepEqual(cohorts(one), ['beta'])
    const left = apply(one, planRemoveCohort(one, { target, name: 'beta' }))
    assert.deepEqual(left.list('VirtualService'), view.list('VirtualService'))
  })
  it('keeps the cohorts that an abort or a promotion keeps: those to the other version', () => {
    const both = set(set(start(front('shop/front'), orders('shop/orders'))), 'beta', 'v1')
    assert.deepEqual(cohorts(apply(both, planAbort(both, { target }))), ['beta'])
    assert.deepEqual(cohorts(apply(both, planPromote(both, { target, version: 'v2', force: false }))), [
      'beta',
    ])
  })
})

describe('routes of a cohort whose base routes have gone', () => {
  it('go where the cohort is set again', () => {
    const items = route('shop/items', `{hosts: [items.example.com], gateways: [gw], http: [${to('v1')}]}`)
    const view = set(start(front('shop/front'), items))
    const without = snapshot(
      view.list('VirtualService').map(object => ({
        ...object,
        spec: {
          ...object.spec,
          http: object.spec.http!.filter(
            ({ name }) => object.metadata.name === 'front' || name !== undefined,
          ),
        },
      })),
    )
    const again = set(snapshot([...without.list('VirtualService'), ...objects(...shop)]), 'internal', 'v1')
    assert.deepEqual(
      again.list('VirtualService').map(({ metadata, spec }) => [metadata.name, spec.http!.length]),
      [
        ['front', 2],
        ['items', 0],
      ],
    )
  })
  it('go with the VirtualService that was made for one that has gone', () => {
    const view = set(start(front('shop/front'), orders('shop/orders')))
    const left = view.list('VirtualService').filter(({ metadata }) => metadata.name !== 'front')
    assert.deepEqual(names(snapshot(left)), ['orders-canary'])
    const again = set(snapshot([...left, ...objects(...shop, front('shop/zoo'))]))
    assert.deepEqual(names(again), [])
  })
})

describe('a VirtualService of cohorts beside which others come', () => {
  it('is made anew where a VirtualService of the host has come to be sorted behind it', () => {
    const view = set(start(front('shop/front'), orders('shop/about')))
    assert.deepEqual(names(view), ['front-canary'])
    const grown = snapshot([...view.list('VirtualService'), ...objects(...shop, orders('shop/zoo'))])
    const again = set(grown)
    assert.deepEqual(names(again), ['zoo-canary'])
    assert.deepEqual(cohorts(again), ['internal'])
    const left = apply(again, planRemoveCohort(again, { target, name: 'internal' }))
    assert.deepEqual(names(left), [])
  })
  it('is made anew with the copies that it carries, and no others', () => {
    const two = front('shop/front').replace(
      'http: [',
      `http: [{match: [{uri: {prefix: /items}}], ${to('v1').slice(1)}, `,
    )
    const view = set(start(two, orders('shop/about')))
    const grown = snapshot([...view.list('VirtualService'), ...objects(...shop, orders('shop/zoo'))])
    const again = set(grown)
    assert.deepEqual(names(again), ['zoo-canary'])
    assert.deepEqual(cohorts(again), ['internal'])
    const { http } = again.get({ kind: 'VirtualService', namespace: 'shop', name: 'front' })!.spec
    assert.deepEqual(
      http!.map(({ name }) => name),
      ['canary-catalog-internal-1', undefined, undefined],
    )
  })
  it('is made where another cohort comes between a copy and its base route', () => {
    const beta = set(start(front('shop/front')), 'beta', 'v1')
    const both = set(beta)
    assert.deepEqual(names(both), [])
    const grown = snapshot([...both.list('VirtualService'), ...objects(...shop, orders('shop/orders'))])
    assert.deepEqual(cohorts(set(grown, 'beta', 'v1')), ['beta'])
  })
  it('is made anew as an object that the cluster does not know', () => {
    const written = set(start(front('shop/front'), orders('shop/about')))
    const known = { uid: 'u', resourceVersion: '7', generation: 2, creationTimestamp: '2026-01-01T00:00:00Z' }
    const before = written.list('VirtualService').map(object => ({
      ...object,
      metadata: { ...object.metadata, ...known },
    }))
    const view = snapshot([...before, ...objects(...shop, orders('shop/zoo'))])
    const changed = planCohort(view, cohortIntent('internal', 'v2', { target })).changes
    const { metadata } = changed.find(change => change.before === undefined)!.after!
    assert.deepEqual(Object.keys(metadata).toSorted(), ['annotations', 'name', 'namespace'])
    assert.equal(metadata.name, 'zoo-canary')
  })
})

describe('a VirtualService of cohorts that somebody has edited', () => {
  const edited = (view: ClusterView, edit: (http: readonly HttpRoute[]) => readonly HttpRoute[]) => {
    const [before] = made(view)
    const after = { ...before!, spec: { ...before!.spec, http: edit(before!.spec.http!) } }
    return overlay(view, [{ before: before!, after }])
  }
  it('gets the routes of a cohort at its end where they are gone', () => {
    const both = set(set(start(front('shop/front'), orders('shop/orders'))), 'beta', 'v1')
    const left = edited(both, http => http.slice(1))
    assert.deepEqual(cohorts(left), ['beta'])
    assert.deepEqual(cohorts(set(left)), ['beta', 'internal'])
  })
  it('gets routes whose names nobody has taken', () => {
    const view = edited(set(start(front('shop/front'), orders('shop/orders'))), http => [
      { ...http[0]!, name: 'canary-catalog-beta-1' },
      ...http,
    ])
    assert.deepEqual(
      made(set(view, 'beta', 'v1')).flatMap(({ spec }) => spec.http!.map(({ name }) => name)),
      ['canary-catalog-beta-1', 'canary-catalog-internal-1', 'canary-catalog-beta-2'],
    )
  })
})

describe('a VirtualService beside one that is not exported to all', () => {
  const later = (view: ClusterView, ...routes: readonly string[]): ClusterView =>
    overlay(
      view,
      objects(...routes).map(after => ({ after })),
    )
  const exported = (view: ClusterView) =>
    made(view).map(({ metadata, spec }) => [metadata.name, spec.exportTo])

  it('is exported to all, and made anew so where others come to be sorted behind it', () => {
    const view = set(start(front('shop/front', "gateways: [gw], exportTo: ['.']"), orders('shop/about')))
    assert.deepEqual(exported(view), [['front-canary', ['*']]])
    assert.deepEqual(exported(set(later(view, orders('shop/zebra')))), [['zebra-canary', ['*']]])
  })

  it('is exported to all also where the settings of the mesh export nothing by themselves', () => {
    const mesh = withOverrides(defaultMesh, { defaultExportTo: { virtualService: ['.'] } })
    const routes = [front('shop/front'), orders('shop/about', '[gw]', "exportTo: ['*'], ")]
    const view = set(snapshot(objects(...shop, ...routes), { mesh }))
    assert.deepEqual(exported(view), [['front-canary', ['*']]])
  })
})
