import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type {
  HttpRoute,
  VirtualService,
  WeightedDestination,
} from '../../../../shared/objects/virtual-service.ts'
import { endCanary, startCohort, startSplit } from '../../../../shared/providers/istio/edit/canary.ts'
import { recordOf } from '../../../../shared/providers/istio/read/record/record.ts'
import { stickinessOf, setCookieOf } from '../../../../shared/providers/istio/edit/sticky.ts'
import { deepFreeze } from '../../../plan/worlds.ts'

const service = { name: 'catalog', namespace: 'shop', clusterDomain: 'cluster.local' }
const stable = { version: 'v1', subset: 'v1' }

type Setting = Readonly<Record<string, unknown>>
const to = (subset: string, weight?: number, fields: Setting = {}): WeightedDestination => ({
  destination: { host: 'catalog', subset },
  ...(weight !== undefined && { weight }),
  ...fields,
})
const says = (value: string): Setting => ({ headers: { request: { set: { 'x-backend': value } } } })
const routing = (...http: readonly HttpRoute[]): VirtualService =>
  deepFreeze({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'catalog', namespace: 'shop' },
    spec: { hosts: ['catalog'], http },
  })
const split = (object: VirtualService, shares: Readonly<Record<string, number>>): VirtualService =>
  startSplit(
    object,
    { service, parts: Object.entries(shares).map(([subset, weight]) => ({ subset, weight })) },
    stable,
  )
const over = (object: VirtualService, subset: string): VirtualService =>
  endCanary(object, {
    split: { service, parts: [{ subset, weight: 100 }] },
    isOver: () => true,
    isMirrorOver: () => true,
  })
const destinationsIn = ({ spec }: VirtualService, i = 0) => spec.http![i]!.route

const object = routing({ route: [to('v1', 90, says('one')), to('v2', 10, says('two'))] })
const whole = split(object, { v2: 100 })

describe('a version that a split removed', () => {
  it('comes back with its own settings when the canary is aborted', () => {
    assert.deepEqual(destinationsIn(whole), [to('v2', undefined, says('two'))])
    const aborted = over(whole, 'v1')
    assert.deepEqual(destinationsIn(aborted), [to('v1', undefined, says('one'))])
    assert.equal(aborted.metadata.annotations, undefined)
  })
  it('comes back with its own settings in a later split, and is then forgotten', () => {
    const back = split(whole, { v1: 50, v2: 50 })
    assert.deepEqual(destinationsIn(back), [to('v2', 50, says('two')), to('v1', 50, says('one'))])
    assert.equal(recordOf(back).restore?.removed, undefined)
  })
  it('gives its settings to the route of a cohort that has it', () => {
    const cohort = {
      name: 'old',
      service,
      to: stable,
      when: [{ on: 'source-label', name: 'a', value: 'b' } as const],
    }
    const set = startCohort(whole, { cohort: cohort, stable })
    assert.deepEqual(destinationsIn(set), [to('v1', undefined, says('one'))])
  })
  it('comes back with the settings that it had last', () => {
    const copied = split(routing({ route: [to('v1')] }), { v1: 90, v2: 10 })
    const edited = {
      ...copied,
      spec: { ...copied.spec, http: [{ route: [to('v1', 90, says('new')), to('v2', 10)] }] },
    }
    assert.deepEqual(destinationsIn(over(split(edited, { v2: 100 }), 'v1')), [
      to('v1', undefined, says('new')),
    ])
  })
  it('leaves no record where a copy is the same', () => {
    assert.equal(
      split(routing({ route: [to('v1', 90), to('v2', 10)] }), { v2: 100 }).metadata.annotations?.[
        'kubectl-canary/cohorts'
      ],
      undefined,
    )
  })
})

describe('what is written down of a version that a split removed', () => {
  it('is known on each route of each list', () => {
    const both = routing(
      { match: [{ uri: { prefix: '/a' } }], route: [to('v1', 90, says('a')), to('v2', 10)] },
      { route: [to('v1', 90, says('b')), to('v2', 10)] },
    )
    const back = over(split(both, { v2: 100 }), 'v1')
    assert.deepEqual(
      [destinationsIn(back), destinationsIn(back, 1)],
      [[to('v1', undefined, says('a'))], [to('v1', undefined, says('b'))]],
    )
  })
  it('has a port of its own again', () => {
    const at = (number: number, subset: string) => ({
      destination: { host: 'catalog', subset, port: { number } },
    })
    const lone = routing({ route: [at(80, 'v1')] })
    const moved = split(lone, { v2: 100 })
    const edited = { ...moved, spec: { ...moved.spec, http: [{ route: [at(8080, 'v2')] }] } }
    assert.deepEqual(destinationsIn(over(edited, 'v1')), [at(8080, 'v1')])
    const kept = routing({ route: [{ ...at(80, 'v1'), ...says('one') }] })
    assert.deepEqual(destinationsIn(over(split(kept, { v2: 100 }), 'v1')), [
      { ...at(80, 'v1'), ...says('one') },
    ])
  })
  it('does not keep the cookie of a sticky split', () => {
    const shares = [
      { version: 'v1', percent: 90 },
      { version: 'v2', percent: 10 },
    ]
    const sticky = stickinessOf({ cookie: 'canary', ttl: 60, since: '' }, { shares }, undefined)
    const parts = shares.map(({ version, percent }) => ({
      subset: version,
      weight: percent,
      setsCookie: setCookieOf(sticky, version),
    }))
    const during = startSplit(object, { service, parts, sticky: sticky.record }, stable)
    assert.deepEqual(destinationsIn(over(split(during, { v2: 100 }), 'v1')), [
      to('v1', undefined, says('one')),
    ])
  })
})
