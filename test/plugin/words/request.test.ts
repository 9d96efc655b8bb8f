import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { formatUrl } from '../../../shared/trial/asked-request.ts'
import { parseRequest, type RequestWords } from '../../../plugin/words/request.ts'
import { splitWords } from '../../../plugin/words/shell-words.ts'
import { fc } from '../../properties.ts'

describe('a request that is typed', () => {
  it('has a scheme, a host, a port, a path and a query', () => {
    const parsed = (url: string) => {
      const { scheme, host, port, path, query } = parseRequest({ url })
      return [scheme, host, port, path, query]
    }
    assert.deepEqual(parsed('catalog'), ['http', 'catalog', undefined, '/', undefined])
    assert.deepEqual(parsed('HTTP://Catalog.Shop:8080/Items?A=1#x'), [
      'http',
      'catalog.shop',
      8080,
      '/Items',
      'A=1',
    ])
    assert.deepEqual(parsed('https://shop.example.com?a'), ['https', 'shop.example.com', undefined, '/', 'a'])
    assert.deepEqual(parsed('http://[::1]:81/'), ['http', '[::1]', 81, '/', undefined])
    assert.deepEqual(parsed('https://catalog:443/')[2], undefined)
    assert.deepEqual(parsed('http://catalog:443/')[2], 443)
  })

  it('joins headers of one name, cookies by semicolons', () => {
    const { headers } = parseRequest({
      url: 'catalog',
      header: ['X-A: 1', 'x-a:2', 'cookie: a=1', 'Cookie: b=2', 'x-empty:'],
    })
    assert.deepEqual(headers, { 'x-a': '1,2', cookie: 'a=1; b=2', 'x-empty': '' })
  })

  it('takes a Host header for the host, and keeps the port that it is sent to', () => {
    const { host, port, headers } = parseRequest({ url: 'http://10.0.0.1:8080/', header: ['Host: Catalog'] })
    assert.deepEqual([host, port, headers], ['catalog', 8080, {}])
  })

  it('knows its caller by kind and name, or by labels', () => {
    const from = (word: string) => parseRequest({ url: 'catalog', from: word }).from
    assert.deepEqual(from('deploy/webapp.front'), { kind: 'deployment', name: 'webapp', namespace: 'front' })
    assert.deepEqual(from('webapp'), { name: 'webapp' })
    assert.deepEqual(from('app=webapp,tier=x'), { labels: { app: 'webapp', tier: 'x' } })
  })
})

describe('the words of a request', () => {
  it('are refused where they cannot be meant', () => {
    const refused: readonly (readonly [RequestWords, RegExp])[] = [
      [{ url: 'ftp://x' }, /scheme ftp/],
      [{ url: '/items' }, /not a URL with a host/],
      [{ url: 'http://a:99999/' }, /not a URL with a host/],
      [{ url: 'http://a/b c' }, /blank/],
      [{ url: 'a', header: ['x'] }, /-H "x" is not name: value/],
      [{ url: 'a', header: ['x y: 1'] }, /is not name: value/],
      [{ url: 'a', method: 'G T' }, /not an HTTP method/],
      [{ url: 'a', claim: ['x'] }, /--claim x is not name=value/],
      [{ url: 'a', from: 'a/b/c' }, /--from a\/b\/c is not a workload/],
      [{ url: 'a', from: 'a=b=c' }, /not a list of labels/],
      [{ url: 'a', via: 'A_b' }, /not the name of a Gateway/],
      [{ url: 'a', from: 'b', via: 'c' }, /cannot be used together/],
    ]
    for (const [words, message] of refused)
      assert.throws(
        () => parseRequest(words),
        error =>
          error instanceof CanaryError
          && error.code === 'usage'
          && message.test(error.message)
          && error.hints.length === 1,
      )
  })

  it('give the URL as it was typed, for any host, port and path', () => {
    const host = fc.stringMatching(/^[a-z][a-z0-9]{0,5}(\.[a-z]{1,4}){0,2}$/)
    const path = fc.stringMatching(/^(\/[a-zA-Z0-9._~%-]{1,5}){1,3}$/)
    fc.assert(
      fc.property(
        fc.tuple(fc.constantFrom('http', 'https'), host),
        fc.option(fc.integer({ min: 1, max: 65_535 })),
        path,
        ([scheme, name], port, rest) => {
          const url = `${scheme}://${name}${port === null ? '' : `:${port}`}${rest}`
          assert.equal(formatUrl(parseRequest({ url })), url)
        },
      ),
    )
  })
})

describe('words of an edit', () => {
  it('are split as a shell splits them', () => {
    assert.deepEqual(splitWords(`cohort a --reason "b \\"c\\" d" e\\ f 'g "h"'i`), [
      'cohort',
      'a',
      '--reason',
      'b "c" d',
      'e f',
      'g "h"i',
    ])
    assert.throws(() => splitWords('cohort "a'), /quote that is not closed/)
  })
})
