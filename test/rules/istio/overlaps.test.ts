import assert from 'node:assert/strict'
import { it } from 'node:test'
import { fc } from '../../properties.ts'
import { isWithin } from '../../../shared/rules/istio/virtual-service/hosts.ts'
import { firstOverlaps } from '../../../shared/rules/istio/overlaps.ts'

const label = fc.constantFrom('a', 'b', 'ab')
const host = fc
  .tuple(fc.constantFrom('', '*', '*.', '*a.'), fc.array(label, { maxLength: 3 }))
  .map(([start, labels]) => start + labels.join('.'))

it('the first host before that overlaps is the one that is found by holding each against every other', () => {
  fc.assert(
    fc.property(fc.array(host, { maxLength: 12 }), hosts => {
      const expected = hosts.map((one, i) => {
        const place = hosts.slice(0, i).findIndex(other => isWithin(one, other) || isWithin(other, one))
        return place < 0 ? undefined : place
      })
      assert.deepEqual(firstOverlaps(hosts), expected)
    }),
    { numRuns: 5000 },
  )
})
