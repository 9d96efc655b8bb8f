import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  checkHttpMatch,
  isMatchSound,
  type HttpMatchSpec,
} from '../../../shared/rules/istio/virtual-service/match.ts'
import { fc } from '../../properties.ts'

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 })
const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })
const text = fc.constantFrom('', '/', '/a', 'GET', '*', '(')
const test = fc.oneof(
  text.map(exact => ({ exact })),
  text.map(prefix => ({ prefix })),
  text.map(regex => ({ regex })),
  fc.constant({}),
)
const headers = fc.dictionary(
  fc.constantFrom('x-user', '', 'a b', ':path', ':no', '@request.auth.claims.group', '@request.auth.claims'),
  test,
  { maxKeys: 2 },
)
const match: fc.Arbitrary<HttpMatchSpec> = fc
  .record({
    uri: maybe(test),
    scheme: maybe(test),
    method: maybe(test),
    authority: maybe(test),
    headers: maybe(headers),
    withoutHeaders: rarely(headers),
    queryParams: rarely(headers),
    port: rarely(fc.constantFrom(80, 0, 70_000)),
    gateways: rarely(fc.constantFrom(['mesh'], ['a/b/c'], [''])),
    sourceNamespace: rarely(fc.constantFrom('shop', 'a b')),
  })
  .map(fields => JSON.parse(JSON.stringify(fields)) as HttpMatchSpec)

describe('a block of a match that is told to be sound at a glance', () => {
  it('has nothing wrong in it, whatever it asks', () => {
    let sound = 0
    fc.assert(
      fc.property(match, block => {
        if (!isMatchSound(block)) return
        sound++
        assert.deepEqual([...checkHttpMatch(block, () => 'no expression', [])], [])
      }),
      { numRuns: 2_000 },
    )
    assert.ok(sound > 20)
  })
})
