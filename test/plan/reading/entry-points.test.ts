import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cohortsAnnotation } from '../../../shared/routing/record/record.ts'
import type { EntryPoint } from '../../../shared/routing/traffic.ts'
import { istio, route, shop, to, trafficIn } from '../written-worlds.ts'

const mesh = (http: string, { spec = '', metadata = '' } = {}): string =>
  route('shop/catalog', `{hosts: [catalog], ${spec}http: [${http}]}`, metadata)

const entries = (...texts: readonly string[]): readonly EntryPoint[] =>
  trafficIn([...shop, ...texts]).entryPoints
const first = (...texts: readonly string[]): EntryPoint => entries(...texts)[0]!

const prefixed = (prefix: string, route: string): string =>
  route.replace('{', `{match: [{uri: {prefix: ${prefix}}}], `)

describe('an entry point', () => {
  it('has only what is there: no roots, preview, sticky split or fault', () => {
    assert.deepEqual(first(mesh(to('v1'))), {
      ref: { kind: 'VirtualService', namespace: 'shop', name: 'catalog' },
      hosts: ['catalog'],
      gateways: ['mesh'],
      cohorts: [],
      splits: [{ takes: '', shares: [{ version: 'v1', percent: 100 }], reached: true }],
      mirrors: [],
    })
  })

  it('that takes no requests has no route that is reached', () => {
    const idle = first(
      mesh(to('v1'), { spec: 'gateways: [ingress], ' }),
      istio('Gateway', 'shop/ingress', {
        spec: '{selector: {a: b}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [other.example.com]}]}',
      }),
    )
    assert.notEqual(idle.idle, undefined)
    assert.deepEqual(
      idle.splits.map(({ reached }) => reached),
      [false],
    )
  })

  it('names its preview', () => {
    assert.equal(
      first(mesh(to('v1'), { metadata: 'annotations: {kubectl-canary/preview: v2}' })).preview,
      'v2',
    )
  })

  it('of a delegate has the hosts and gateways of its roots, and names each once', () => {
    const root = (name: string, host: string): string =>
      route(
        `edge/${name}`,
        `{hosts: [${host}], gateways: [public], http: [{match: [{uri: {prefix: /a}}], delegate: {name: catalog, namespace: shop}}, {match: [{uri: {prefix: /b}}], delegate: {name: catalog, namespace: shop}}]}`,
      )
    const gateway = istio('Gateway', 'edge/public', {
      spec: '{selector: {a: b}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}',
    })
    const delegate = route('shop/catalog', `{http: [${to('v1')}]}`)
    const [entry] = entries(root('one', 'one.example.com'), root('two', 'two.example.com'), gateway, delegate)
    assert.deepEqual(entry!.roots?.map(({ name }) => name).toSorted(), ['one', 'two'])
    assert.deepEqual(entry!.hosts.toSorted(), ['one.example.com', 'two.example.com'])
    assert.deepEqual(entry!.gateways, ['edge/public'])
  })
})

describe('what the routes of a delegate take', () => {
  const root = (name: string, http: string): string =>
    route(`shop/${name}`, `{hosts: [${name}.example.com], http: [${http}]}`)
  const delegating = (match: string): string => `{match: [${match}], delegate: {name: catalog}}`
  const takes = (http: string, ...roots: readonly string[]): readonly string[] => {
    const delegate = route('shop/catalog', `{http: [${http}]}`)
    return entries(delegate, ...roots).flatMap(({ splits }) => splits.map(split => split.takes))
  }

  it('is within what the routes that delegate to it ask', () => {
    assert.deepEqual(
      takes(
        `${prefixed('/api/items', to('v1'))}, ${to('v1')}`,
        root('one', delegating('{uri: {prefix: /api/}, headers: {x-tenant: {exact: a}}, port: 80}')),
      ),
      ['/api/items* x-tenant: a port 80', '/api/* x-tenant: a port 80'],
    )
  })
  it('is what each of several roots lets through, named once', () => {
    const two = [delegating('{uri: {prefix: /a}}'), delegating('{uri: {prefix: /a}}, {uri: {prefix: /b}}')]
    const one = root('one', two.join(', '))
    assert.deepEqual(takes(to('v1'), one), ['/a* or /b*'])
    assert.deepEqual(takes(to('v1'), one, root('two', two[0]!)), ['/a* or /b*'])
  })
  it('is everything where a root asks nothing', () => {
    assert.deepEqual(
      takes(to('v1'), root('one', `${delegating('{uri: {prefix: /a}}')}, {delegate: {name: catalog}}`)),
      [''],
    )
  })
  it('is what they say themselves where no root lets anything through', () => {
    assert.deepEqual(takes(prefixed('/b', to('v1')), root('one', delegating('{uri: {prefix: /a}}'))), ['/b*'])
  })
})

describe('a mirror', () => {
  const mirrored = (prefix: string): string =>
    prefixed(prefix, to('v1')).replace(
      'route:',
      'mirror: {host: catalog, subset: v2}, mirrorPercentage: {value: 25}, route:',
    )

  it('on all routes is one without a word of routes, and on some says which', () => {
    const [all] = [first(mesh(`${mirrored('/a')}, ${mirrored('/b')}`)).mirrors]
    assert.deepEqual(all, [{ version: 'v2', percent: 25, byHand: true }])
    const some = first(mesh(`${mirrored('/a')}, ${mirrored('/b')}, ${prefixed('/c', to('v1'))}`)).mirrors
    assert.deepEqual(
      some.map(({ takes }) => takes),
      [['/a*', '/b*']],
    )
  })
})

describe('destinations of one version in a route', () => {
  const split = (...weighted: readonly string[]): string => `{route: [${weighted.join(', ')}]}`
  const v1 = (weight: number, more = ''): string =>
    `{destination: {host: catalog, subset: v1${more}}, weight: ${weight}}`

  it('are one share where they fare alike, rounded once', () => {
    const { splits } = first(mesh(split(v1(1), v1(1), v1(1))))
    assert.deepEqual(splits[0]!.shares, [{ version: 'v1', percent: 100 }])
  })

  it('are shares of their own where one of them fails', () => {
    const { splits } = first(mesh(split(v1(40, ', port: {number: 81}'), v1(60))))
    assert.deepEqual(
      splits[0]!.shares.map(({ percent, fault }) => [percent, fault]),
      [
        [40, 'unknown-port'],
        [60, undefined],
      ],
    )
  })
})

const recorded = (
  cohort: object,
  http: string,
  { spec = '', beside = [] }: { readonly spec?: string; readonly beside?: readonly string[] } = {},
): EntryPoint =>
  first(
    mesh(http, {
      spec,
      metadata: `annotations: {${cohortsAnnotation}: '${JSON.stringify({
        cohorts: [{ service: 'catalog.shop', name: 'internal', to: 'v2', routes: ['ours'], ...cohort }],
      })}'}`,
    }),
    ...beside,
  )
const copy = (destinations: string, match = 'headers: {x-istio-cohort: {exact: internal}}'): string =>
  `{name: ours, match: [{${match}}], route: [${destinations}]}`
const toV2 = '{destination: {host: catalog, subset: v2}}'

describe('a cohort of an entry point', () => {
  it('has its end, its age and its reason where they are recorded', () => {
    const http = `${copy(toV2)}, ${to('v1')}`
    const said = { since: '2026-07-01T00:00:00Z', until: '2026-09-01T00:00:00Z', reason: 'first look' }
    const { since, until, reason } = recorded(said, http).cohorts[0]!
    assert.deepEqual({ since, until, reason }, said)
    assert.deepEqual(Object.keys(recorded({}, http).cohorts[0]!).toSorted(), [
      'conditions',
      'name',
      'reached',
      'to',
      'uncovered',
    ])
  })

  it('has shares where its route splits, and none where it has one destination', () => {
    const halves =
      '{destination: {host: catalog, subset: v2}, weight: 50}, {destination: {host: catalog, subset: v1}, weight: 50}'
    assert.deepEqual(recorded({}, `${copy(halves)}, ${to('v1')}`).cohorts[0]!.shares, [
      { version: 'v2', percent: 50 },
      { version: 'v1', percent: 50 },
    ])
    assert.equal(recorded({}, `${copy(toV2)}, ${to('v1')}`).cohorts[0]!.shares, undefined)
  })

  it('is at fault where its version is not defined', () => {
    const lost = copy('{destination: {host: catalog, subset: v9}}')
    assert.equal(recorded({ to: 'v9' }, `${lost}, ${to('v1')}`).cohorts[0]!.fault, 'undefined-subset')
  })

  it('does not cover a base route for gateways where its copy is for the mesh alone', () => {
    const inMesh = copy(toV2, 'gateways: [mesh], headers: {x-istio-cohort: {exact: internal}}')
    const gateway = istio('Gateway', 'shop/ingress', {
      spec: '{selector: {a: b}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}',
    })
    const both = recorded({}, `${inMesh}, ${to('v1')}`, {
      spec: 'gateways: [mesh, ingress], ',
      beside: [gateway],
    })
    assert.deepEqual(both.cohorts[0]!.uncovered, ['VirtualService shop/catalog spec.http[1]'])
  })
})
