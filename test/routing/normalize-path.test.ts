import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { normalizePath } from '../../shared/routing/request/normalize-path.ts'
import { fc } from '../properties.ts'

/** Each as Envoy's PathUtil::canonicalPath has it (test/common/http/path_utility_test.cc, and googleurl's table of characters). */
const cases: readonly (readonly [string, string])[] = [
  ['/a/b', '/a/b'],
  ['/', '/'],
  ['', '/'],
  ['a', '/a'],
  ['/a/./b', '/a/b'],
  ['/a/../b', '/b'],
  ['/a/b/..', '/a/'],
  ['/a/b/.', '/a/b/'],
  ['/a/b/../', '/a/'],
  ['/..', '/'],
  ['/../../a', '/a'],
  ['/.../a', '/.../a'],
  ['/a..b/c.', '/a..b/c.'],
  ['/.hidden/..x', '/.hidden/..x'],
  ['/a/%2e%2E/b', '/b'],
  ['/a/.%2e', '/'],
  ['/a%2eb', '/a.b'],
  ['/%61bc', '/abc'],
  ['/a%2Fb', '/a%2Fb'],
  ['/a%2fb', '/a%2fb'],
  ['/a%5cb', '/a%5cb'],
  ['/a\\b', '/a/b'],
  ['/a\\..\\b', '/b'],
  ['/a//b', '/a//b'],
  ['/a//../b', '/a/b'],
  ['/a%20b', '/a%20b'],
  ['/a b', '/a%20b'],
  ['/a%', '/a%'],
  ['/a%zz', '/a%zz'],
  ['/%7Euser', '/~user'],
  ['/a+b,c;d=e', '/a+b,c;d=e'],
  ['/é', '/%C3%A9'],
  ['/😀', '/%F0%9F%98%80'],
  ['/"<>`{}', '/%22%3C%3E%60%7B%7D'],
]

describe('a path is matched as the proxy normalises it', () => {
  for (const [path, normal] of cases)
    it(`${path} as ${normal}`, () => {
      assert.equal(normalizePath(path), normal)
    })

  it('and has no dot segments then', () => {
    const parts = fc.constantFrom('/', '.', '..', 'a', '%2e', '%2E', '%61', '%2f', '%', '\\', ' ', 'é', '?')
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 12 }), some => {
        const normal = normalizePath(`/${some.join('')}`)
        assert.match(normal, /^\//)
        assert.doesNotMatch(normal, /\/\.{1,2}(\/|$)/)
      }),
      { numRuns: 2000 },
    )
  })
})
