import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HttpRoute, VirtualService } from '../../../../shared/objects/virtual-service.ts'
import {
  endCanary,
  endCohort,
  startCohort,
  startSplit,
} from '../../../../shared/providers/istio/edit/canary.ts'
import { pinToStable, unpin } from '../../../../shared/providers/istio/edit/pin.ts'
import { recordOf } from '../../../../shared/providers/istio/read/record/record.ts'
import { defaultCondition } from '../../../../shared/routing/condition.ts'
import { deepFreeze } from '../../../plan/worlds.ts'

const service = { name: 'catalog', namespace: 'shop', clusterDomain: 'cluster.local' }
const orders = { ...service, name: 'orders' }

const routing = (...http: readonly HttpRoute[]): VirtualService =>
  deepFreeze({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'catalog', namespace: 'shop' },
    spec: { hosts: ['catalog'], http },
  })
const to = (subset?: string, more: HttpRoute = {}, host = 'catalog'): HttpRoute => ({
  ...more,
  route: [{ destination: { host, ...(subset === undefined ? {} : { subset }) } }],
})
const asking = (prefix: string): HttpRoute => ({ match: [{ uri: { prefix } }] })
const pin = (object: VirtualService, of = service): VirtualService =>
  pinToStable(object, of, { stable: { subset: 'v1' } })
const withHttp = (object: VirtualService, edit: (http: readonly HttpRoute[]) => readonly HttpRoute[]) => ({
  ...object,
  spec: { ...object.spec, http: edit(object.spec.http!) },
})
/** Name and subset of each route: `a v1`, `- -`. */
const shown = ({ spec }: VirtualService): readonly string[] =>
  spec.http!.map(({ name = '-', route }) =>
    [name, ...route!.map(({ destination }) => destination.subset ?? '-')].join(' '),
  )
const pinned = (object: VirtualService) => recordOf(object).restore?.pinned?.['catalog.shop']

describe('routes that lead to the service as a whole', () => {
  it('are turned to the stable subset, and back', () => {
    const before = routing(to(undefined, asking('/a')), to('v2', asking('/b')), to())
    const during = pin(before)
    assert.deepEqual(shown(during), ['- v1', '- v2', '- v1'])
    assert.deepEqual(unpin(during, service), before)
  })
  it('keep the weight of a lone destination', () => {
    const weighed: HttpRoute = { route: [{ destination: { host: 'catalog' }, weight: 100 }] }
    const during = pin(routing(weighed))
    assert.deepEqual(during.spec.http, [
      { route: [{ destination: { host: 'catalog', subset: 'v1' }, weight: 100 }] },
    ])
    assert.deepEqual(unpin(during, service).spec.http, [weighed])
  })
  it('are not split ones, whose shares stay', () => {
    const [one, other] = [{ host: 'catalog' }, { host: 'catalog', subset: 'v2' }]
    const split = routing({
      route: [
        { destination: one, weight: 50 },
        { destination: other, weight: 50 },
      ],
    })
    assert.equal(pin(split), split)
  })
  it('are recorded by their keys, with what they ask where they have names', () => {
    const nameless = pinned(pin(routing(to())))
    assert.deepEqual(Object.keys(nameless!), ['subset', 'routes'])
    const named = pinned(pin(routing(to(undefined, { name: 'a', ...asking('/a') }))))
    assert.deepEqual(named!.routes, ['a'])
    assert.deepEqual(Object.keys(named!.asks!), ['a'])
  })
})

describe('routes of two services', () => {
  const both = routing(to(undefined, asking('/a'), 'orders'), to())
  it('are turned and put back each on its own', () => {
    const during = pin(pin(both), orders)
    assert.deepEqual(shown(during), ['- v1', '- v1'])
    const left = unpin(during, service)
    assert.deepEqual(shown(left), ['- v1', '- -'])
    assert.deepEqual(unpin(left, orders), both)
  })
})

describe('a route that comes later', () => {
  const during = pin(routing(to(undefined, { name: 'a', ...asking('/a') })))
  const grown = pin(withHttp(during, http => [...http, to(undefined, { name: 'b' })]))
  it('is turned, too, and all are put back', () => {
    assert.deepEqual(shown(grown), ['a v1', 'b v1'])
    assert.deepEqual(shown(unpin(grown, service)), ['a -', 'b -'])
  })
  it('leaves what an earlier one asks known, should that be renamed', () => {
    const renamed = withHttp(grown, ([first, ...others]) => [{ ...first!, name: 'c' }, ...others])
    assert.deepEqual(shown(unpin(renamed, service)), ['c -', 'b -'])
  })
})

describe('a route that somebody has edited since', () => {
  const during = pin(routing(to(undefined, { name: 'a', ...asking('/a') }), to()))
  const left = (edit: (http: readonly HttpRoute[]) => readonly HttpRoute[]) =>
    shown(unpin(withHttp(during, edit), service))
  it('stays where it leads to another subset by now', () => {
    assert.deepEqual(
      left(([a, b]) => [{ ...a!, ...to('v2') }, b!]),
      ['a v2', '- -'],
    )
  })
  it('stays where it is split by now', () => {
    const half = (subset: string) => ({ destination: { host: 'catalog', subset }, weight: 50 })
    assert.deepEqual(
      left(([a, b]) => [{ ...a!, route: [half('v1'), half('v2')] }, b!]),
      ['a v1 v2', '- -'],
    )
  })
  it('is put back under a new name, or its first one', () => {
    assert.deepEqual(
      left(([a, b]) => [{ ...a!, name: 'x' }, b!]),
      ['x -', '- -'],
    )
    assert.deepEqual(
      left(([a, b]) => [a!, { ...b!, name: 'x' }]),
      ['a -', 'x -'],
    )
  })
  it('stays where two ask what it asked, as nobody can tell which it was', () => {
    assert.deepEqual(
      left(([a, b]) => [{ ...a!, name: 'x' }, { ...a!, name: 'y' }, b!]),
      ['x v1', 'y v1', '- -'],
    )
  })
  it('is told from another pinned one that asks the same', () => {
    const two = pin(routing(to(undefined, { name: 'a' }), to(undefined, { name: 'b' })))
    const renamed = withHttp(two, ([a, b]) => [{ ...a!, name: 'x' }, b!])
    assert.deepEqual(shown(unpin(renamed, service)), ['x -', 'b -'])
  })
})

describe('what routes were before a cohort', () => {
  const cohort = {
    name: 'internal',
    service,
    to: { version: 'v2', subset: 'v2' },
    when: [defaultCondition('internal')],
  }
  const stable = { version: 'v1', subset: 'v1' }
  const during = startCohort(routing(to()), { cohort, stable })
  const all = (subset: string) => ({ service, parts: [{ subset, weight: 100 }] })
  const bases = (object: VirtualService) => shown(object).filter(text => text.startsWith('- '))
  it('is known until the last cohort goes', () => {
    assert.deepEqual(pinned(during)?.routes.length, 1)
    const both = startCohort(during, { cohort: { ...cohort, name: 'beta' }, stable })
    const one = endCohort(both, service, 'beta')
    assert.deepEqual(bases(one), ['- v1'])
    assert.deepEqual(one, during)
    assert.deepEqual(endCohort(during, service, 'internal'), routing(to()))
  })
  it('is forgotten with a split, even of one version', () => {
    const split = startSplit(during, all('v1'), stable)
    assert.equal(pinned(split), undefined)
    assert.deepEqual(bases(endCohort(split, service, 'internal')), ['- v1'])
  })
  it('is forgotten with a promotion that leaves the cohort', () => {
    const end = { split: all('v1'), isOver: () => false, isMirrorOver: () => false }
    const promoted = endCanary(during, end)
    assert.deepEqual(Object.keys(recordOf(promoted)), ['cohorts'])
    assert.deepEqual(bases(endCohort(promoted, service, 'internal')), ['- v1'])
  })
})
