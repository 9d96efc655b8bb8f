import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseSticky } from '../../../plugin/words/sticky.ts'

const now = new Date('2026-08-01T12:00:00Z')
const since = '2026-08-01T12:00:00Z'
const parse = (sticky?: boolean, cookie?: string, ttl?: string) => parseSticky({ sticky, cookie, ttl }, now)
const usage = { code: 'usage' }

describe('the words of a sticky split', () => {
  it('are kept, ended or left as they are', () => {
    assert.equal(parse(), undefined)
    assert.equal(parse(false), false)
    assert.deepEqual(parse(true), { since })
  })
  it('name the cookie and its time, which mean --sticky by themselves', () => {
    assert.deepEqual(parse(undefined, 'a.b~c', '1h30m'), { cookie: 'a.b~c', ttl: 5400, since })
    assert.deepEqual(parse(true, undefined, '7d'), { ttl: 604_800, since })
  })
  it('are refused where no cookie has that name or time, or none is wanted', () => {
    for (const cookie of ['', 'a b', 'a=b', 'a;b', 'a%20b', 'ä'])
      assert.throws(() => parse(true, cookie), usage)
    for (const ttl of ['', '0', '-1h', '1', '500ms', '401d', 'soon'])
      assert.throws(() => parse(true, undefined, ttl), usage)
    assert.throws(() => parse(false, 'a'), usage)
    assert.throws(() => parse(false, undefined, '1h'), usage)
  })
})
