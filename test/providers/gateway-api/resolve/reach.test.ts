import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ServiceRoute } from '../../../../shared/objects/gateway-api.ts'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import { isIn, tablesOf, unreachedMatches } from '../../../../shared/providers/gateway-api/resolve/reach.ts'
import { gateway, route, rule, service, toService, viewOf } from '../written-objects.ts'

const world = [gateway('infra/gw'), service('shop/catalog')]
const complete = { complete: true }

/** The matches of a route that no request reaches: `rule match by route rule`. */
function unreached(
  one: ServiceRoute,
  others: readonly KubeObject[] = [],
  objects: readonly KubeObject[] = world,
) {
  return unreachedMatches(viewOf([...objects, one, ...others]), one, complete).map(
    ({ rule: i, index = '-', by }) =>
      `${i} ${index} by ${by.map(each => `${each.route.metadata.name} ${each.rule}`).join(', ')}`,
  )
}

const header = (value: string) => ({ headers: [{ name: 'x-cohort', value }] })
const old = '2020-01-01T00:00:00Z'

describe('a match of a route', () => {
  it('is not reached after one of the same route that asks for no more', () => {
    const rules = [rule(header('a')), rule(), rule(header('a')), rule(header('b'))]
    assert.deepEqual(unreached(route('shop/r', { rules })), ['2 0 by r 0'])
  })

  it('is not reached after one of an older route', () => {
    const older = route('shop/older', { created: old })
    assert.deepEqual(unreached(route('shop/r'), [older]), ['0 - by older 0'])
    assert.deepEqual(unreached(older, [route('shop/r')]), [])
  })

  it('is reached where one of its hostnames is its own', () => {
    const older = route('shop/older', { created: old, hostnames: ['a.example.com'] })
    const both = route('shop/r', { hostnames: ['a.example.com', 'b.example.com'] })
    assert.deepEqual(unreached(both, [older]), [])
    assert.deepEqual(unreached(route('shop/r', { hostnames: ['a.example.com'] }), [older]), [
      '0 - by older 0',
    ])
  })

  it('is not reached in the mesh after one for the same Service, and a consumer’s is', () => {
    const parents = [toService('catalog', { namespace: 'shop' })]
    const older = route('shop/older', { created: old, parents })
    assert.deepEqual(unreached(route('shop/r', { parents }), [older]), ['0 - by older 0'])
    assert.deepEqual(unreached(route('web/r', { parents }), [older]), [])
  })

  it('that nobody can read is not told of', () => {
    const rules = [rule(), rule({ path: { type: 'Suffix', value: '/a' } })]
    assert.deepEqual(unreached(route('shop/r', { rules })), [])
  })
})

describe('the tables of a route', () => {
  it('are those of its hostnames and ports', () => {
    const gw = gateway('infra/gw', [{}, { port: 8080, hostname: '*.example.com' }])
    const two = service('shop/catalog', { ports: [{ port: 80 }, { port: 81 }] })
    const hostnames = ['a.example.com', 'b.example.net']
    const one = route('shop/r', {
      hostnames,
      parents: [{ namespace: 'infra', name: 'gw' }, toService('catalog')],
    })
    const tables = tablesOf(viewOf([gw, two, one]), one, complete)
    assert.deepEqual(
      tables.map(({ listener, hostname, role }) =>
        listener === undefined ? role : `${listener.port} ${hostname}`,
      ),
      ['80 a.example.com', '80 b.example.net', '8080 a.example.com', 'producer', 'producer'],
    )
    assert.ok(tables.every(table => isIn(table, one)))
  })

  it('do not have it where an older route of the other kind is', () => {
    const grpc = route('shop/grpc', { kind: 'GRPCRoute', created: old })
    const one = route('shop/r')
    const tables = tablesOf(viewOf([...world, grpc, one]), one, complete)
    assert.deepEqual(
      tables.map(table => isIn(table, one)),
      [false],
    )
  })

  it('of a Service that may be elsewhere are assumed', () => {
    const one = route('shop/r', { parents: [toService('gone')] })
    assert.deepEqual(tablesOf(viewOf([one]), one, complete), [])
    assert.equal(isIn(tablesOf(viewOf([one]), one, { complete: false })[0]!, one), true)
  })
})
