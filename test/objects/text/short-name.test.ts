import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shortName } from '../../../shared/objects/text/short-name.ts'
import { fc } from '../../properties.ts'

const label = fc.stringMatching(/^[a-z]([-a-z0-9]{0,90}[a-z0-9])?$/)

test('a name is a DNS label of 63 characters at most, its own where it is short enough, and that of no other', () => {
  fc.assert(
    fc.property(label, label, (one, other) => {
      assert.match(shortName(one), /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
      if (one.length <= 63) assert.equal(shortName(one), one)
      const [long, more] = [`${'a'.repeat(60)}-${one}`, `${'a'.repeat(60)}-${other}`]
      if (one !== other) assert.notEqual(shortName(long), shortName(more))
    }),
  )
})
