import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ServiceRoute } from '../../../../shared/objects/gateway-api.ts'
import { byPrecedence } from '../../../../shared/providers/gateway-api/resolve/precedence.ts'
import { hostWithoutPort } from '../../../../shared/providers/gateway-api/resolve/hostnames.ts'
import {
  gatewayTable,
  shadowedIn,
  type TableMatch,
} from '../../../../shared/providers/gateway-api/resolve/table.ts'
import { unmetBy } from '../../../../shared/routing/match.ts'
import type { RuleMatch } from '../../../../shared/objects/gateway-api.ts'
import { fc } from '../../../properties.ts'
import { re2 } from '../../../routing/requests.ts'
import { gateway, viewOf } from '../written-objects.ts'
import { randomRequest, randomRoutes } from './random-routes.ts'

const gw = gateway('infra/gw')

function tableOf(routes: readonly ServiceRoute[], host: string) {
  const view = viewOf([gw, ...routes])
  const table = gatewayTable(
    view,
    { gateway: gw, port: 80, tls: false, complete: true },
    hostWithoutPort(host),
  )
  return { view, table }
}

const idOf = ({ route: { metadata }, rule, index }: TableMatch): string =>
  `${metadata.namespace}/${metadata.name} ${rule} ${index}`

/** What a match asks for as it is written, as the specification compares it; regexes are left to implementations. */
function askedBy({ route, rule, index }: TableMatch): readonly number[] | undefined {
  const match: RuleMatch = index === undefined ? {} : route.spec!.rules![rule]!.matches![index]!
  const { type, value } = { type: 'PathPrefix', value: '/', ...match.path }
  if (type === 'RegularExpression') return undefined
  const trimmed = type === 'PathPrefix' && value.length > 1 ? value.replace(/\/$/, '') : value
  return [
    type === 'Exact' ? 1 : 0,
    trimmed.length,
    match.method === undefined ? 0 : 1,
    match.headers?.length ?? 0,
    match.queryParams?.length ?? 0,
  ]
}

const compareLists = (some: readonly number[], others: readonly number[]): number => {
  const i = some.findIndex((each, place) => each !== others[place])
  return i < 0 ? 0 : some[i]! - others[i]!
}

describe('the order of matches', () => {
  it('does not depend on the order of the objects', () => {
    fc.assert(
      fc.property(
        randomRoutes.chain(routes =>
          fc.tuple(fc.constant(routes), fc.shuffledSubarray(routes, { minLength: routes.length })),
        ),
        randomRequest,
        ([routes, shuffled], { host }) => {
          const ids = (some: readonly ServiceRoute[]) => tableOf(some, host).table.matches.map(idOf)
          assert.deepEqual(ids(shuffled), ids(routes))
        },
      ),
    )
  })

  it('is total: of two matches exactly one goes first', () => {
    fc.assert(
      fc.property(randomRoutes, randomRequest, (routes, { host }) => {
        const { matches } = tableOf(routes, host).table
        for (const regexes of ['after-prefixes', 'before-prefixes'] as const) {
          const compare = byPrecedence(regexes)
          for (const one of matches)
            for (const other of matches)
              assert.equal(Math.sign(compare(one, other)) + Math.sign(compare(other, one)), 0)
          const sorted = matches.toSorted(compare)
          sorted.forEach((one, i) => sorted.slice(i + 1).forEach(other => assert.ok(compare(one, other) < 0)))
        }
      }),
    )
  })
})

describe('the match that wins', () => {
  it('lets no match win that asks for less than another that the request meets', () => {
    let compared = 0
    fc.assert(
      fc.property(randomRoutes, randomRequest, (routes, request) => {
        const { matches } = tableOf(routes, request.host).table
        const met = matches.filter(({ match }) => unmetBy(match, request, re2) === undefined)
        const [winner, ...others] = met
        const won = winner && askedBy(winner)
        if (won === undefined) return
        for (const other of others) {
          const asked = askedBy(other)
          if (asked === undefined) continue
          compared++
          assert.ok(compareLists(won, asked) >= 0, `${idOf(winner!)} before ${idOf(other)}`)
        }
      }),
      { numRuns: 1500 },
    )
    assert.ok(compared > 200)
  })

  it('calls no match unreached that a request reaches', () => {
    let unreached = 0
    fc.assert(
      fc.property(randomRoutes, randomRequest, (routes, request) => {
        const { view, table } = tableOf(routes, request.host)
        const shadowed = shadowedIn(view, table)
        unreached += shadowed.size
        const winner = table.matches.find(({ match }) => unmetBy(match, request, re2) === undefined)
        assert.equal(winner !== undefined && shadowed.has(winner), false)
      }),
      { numRuns: 500 },
    )
    assert.ok(unreached > 100)
  })
})
