import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { paintOf } from '../../../../plugin/print/colour.ts'
import { trialDataOf } from '../../../../plugin/print/trial/data.ts'
import { effectsOf } from '../../../../plugin/print/trial/effects.ts'
import { formatComparison, type ShownComparison } from '../../../../plugin/print/trial/live.ts'
import { formatSimulation, formatTrial } from '../../../../plugin/print/trial/trial.ts'
import type { Decision } from '../../../../shared/routing/request/decision.ts'
import { goodnessOfFit } from '../../../../shared/statistics/goodness-of-fit.ts'
import type { Trial } from '../../../../shared/trial/trial.ts'

const decision = (more: Partial<Decision> = {}): Decision => ({
  kind: 'route',
  route: undefined,
  considered: [],
  destinations: [],
  mirrors: [],
  isPassedThrough: false,
  isOpaque: false,
  ...more,
})

const trial = (decided: Partial<Decision> = {}, more: Partial<Trial> = {}): Trial => ({
  asked: { scheme: 'http', host: 'catalog', port: undefined, path: '/', method: 'GET', headers: {} },
  caller: { proxy: { kind: 'workload', namespace: 'shop', labels: {} } },
  request: {
    caller: { kind: 'workload', namespace: 'shop', labels: {} },
    host: 'catalog',
    port: 80,
    method: 'GET',
    path: '/',
    headers: {},
  },
  decision: decision(decided),
  shares: [{ service: 'catalog', namespace: 'shop', version: 'v1', host: 'c', percent: 100 }],
  mirrors: [],
  ...more,
})

const effects = (decided: Partial<Decision>): readonly string[] => effectsOf(trial(decided))
const headers = (name: string) => ({
  request: { set: { [name]: '1' }, add: { [`${name}-b`]: '2' }, remove: [`${name}-c`] },
  response: { set: {}, add: {}, remove: [] },
})

describe('what a route does to a request', () => {
  it('has a line for each effect, and none where there is none', () => {
    assert.deepEqual(effects({}), [])
    for (const [decided, lines] of [
      [{ kind: 'direct', status: 418 }, ['answers itself with 418']],
      [{ kind: 'none', status: 404 }, []],
      [{ rewrite: { prefix: '/a' } }, ['rewrites the matched part of the path to /a']],
      [{ rewrite: { authority: 'b' } }, ['rewrites the Host header to b']],
      [{ rewrite: { regex: { match: 'x', substitution: 'y' } } }, ['rewrites x in the path to y']],
      [{ timeout: 1500 }, ['times out after 1.5 s']],
      [{ fault: { delay: { milliseconds: 250, percent: 10 } } }, ['delays 10 % of the requests by 0.25 s']],
      [{ fault: { abort: { httpStatus: 500, percent: 5 } } }, ['aborts 5 % of the requests with 500']],
      [
        { fault: { abort: { grpcStatus: 'UNAVAILABLE', percent: 5 } } },
        ['aborts 5 % of the requests with gRPC status UNAVAILABLE'],
      ],
      [{ retries: { attempts: 0 } }, ['is not tried again']],
      [{ retries: { attempts: 1 } }, ['is tried again up to 1 time']],
      [
        { retries: { attempts: 3, perTryTimeout: 2000, on: '5xx' } },
        ['is tried again up to 3 times, 2 s for each try, on 5xx'],
      ],
      [{ redirect: { code: 301 } }, ['redirects with 301 to the same URL']],
      [
        { redirect: { code: 302, scheme: 'https', host: 'a', port: 8443, path: '/p' } },
        ['redirects with 302 to scheme https, host a, port 8443, path /p'],
      ],
      [{ redirect: { code: 308, prefixRewrite: '/q' } }, ['redirects with 308 to path with the prefix /q']],
      [
        { headers: headers('x') },
        ['sets the request header x: 1', 'adds the request header x-b: 2', 'removes the request header x-c'],
      ],
    ] as const satisfies readonly (readonly [Partial<Decision>, readonly string[]])[])
      assert.deepEqual(effects(decided), lines)
  })
})

describe('the effects of a trial', () => {
  it('name the destination that alone changes headers', () => {
    const destination = {
      host: 'c',
      subset: 'v2',
      port: 80,
      percent: 100,
      failure: undefined,
      headers: headers('y'),
    }
    assert.equal(effects({ destinations: [destination] })[0], 'sets the request header y: 1 (v2)')
    assert.equal(
      effects({ destinations: [{ ...destination, subset: undefined }] })[0],
      'sets the request header y: 1 (c)',
    )
  })

  it('are none where the caller bypasses the routes', () => {
    assert.deepEqual(effectsOf(trial({ timeout: 1000 }, { bypass: 'no-sidecar' })), [])
  })
})

describe('a trial on a terminal', () => {
  const shown = (decided: Partial<Decision>, more: Partial<Trial> = {}): string =>
    formatTrial(trial(decided, more), paintOf(false))

  it('says what a proxy sees of a connection that it does not read', () => {
    assert.doesNotMatch(shown({}), /routes see/)
    assert.match(shown({ isOpaque: true }), /routes see connections only/)
    const asked = { ...trial().asked, scheme: 'https' as const }
    assert.match(shown({ isOpaque: true }, { asked }), /routes see its server name only/)
  })

  it('says why nobody answers, and which ports there are', () => {
    const lost = { shares: [], ports: [80, 81] }
    assert.match(
      shown({ kind: 'none', reason: 'no-listener' }, lost),
      /→ no answer\n.*\n {2}catalog has port 80, 81\./,
    )
    assert.match(shown({ isPassedThrough: true }, lost), /→ no answer\n {2}catalog has no port 80\.\n/)
    assert.match(
      shown({ isPassedThrough: true }, { shares: [] }),
      /→ leaves the mesh unchanged\n {2}Nothing in the mesh provides catalog on port 80\./,
    )
  })

  it('says why a share is not answered', () => {
    const share = { ...trial().shares[0]!, subset: 'v1', status: 503 }
    const why = (more: object): string => shown({}, { shares: [{ ...share, ...more }] })
    assert.match(why({ failure: { flag: 'UH' } }), /subset v1, no pods$/m)
    assert.match(why({ failure: { flag: 'NC', missing: 'subset' } }), /no such subset$/m)
    assert.match(why({ status: undefined, ready: 0 }), /no ready pods$/m)
    assert.doesNotMatch(why({ status: undefined, ready: 1 }), /pods/)
  })
})

describe('a trial as data', () => {
  it('has only the fields that there are', () => {
    const plain = trialDataOf(trial()) as Record<string, Record<string, unknown>>
    assert.deepEqual(Object.keys(plain).toSorted(), [
      'caller',
      'considered',
      'effects',
      'kind',
      'mirrors',
      'request',
      'shares',
    ])
    assert.deepEqual(Object.keys(plain['caller']!), ['kind', 'namespace', 'labels'])
    assert.deepEqual(Object.keys(plain['request']!), ['method', 'url', 'headers'])
  })

  it('says the gateway, the claims, and that the request leaves the mesh or is not read', () => {
    const { asked, caller } = trial()
    const data = trialDataOf(
      trial(
        { isPassedThrough: true, isOpaque: true },
        { asked: { ...asked, claims: { group: ['a'] } }, caller: { ...caller, gateway: 'shop/public' } },
      ),
    ) as Record<string, unknown>
    assert.deepEqual([data['leavesMesh'], data['isOpaque']], [true, true])
    assert.equal((data['caller'] as Record<string, unknown>)['gateway'], 'shop/public')
    assert.deepEqual((data['request'] as Record<string, unknown>)['claims'], { group: ['a'] })
  })
})

describe('a comparison of real answers', () => {
  const parts = (...counts: readonly number[]) =>
    counts.map((count, i) => ({ name: `v${i + 1}`, count, expected: i === 0 ? 0.9 : 0.1 }))
  const shown = (counts: readonly number[], verdict: ShownComparison['verdict']): string =>
    formatComparison(
      {
        address: 'a:80',
        parts: parts(...counts),
        sent: 10,
        failures: new Map(),
        fit: goodnessOfFit(parts(...counts)),
        verdict,
      },
      paintOf(false),
    )

  it('says how many requests are needed only where it could not tell for want of them', () => {
    const few = /needs at least 50 requests: add --count 50\./
    assert.match(shown([9, 1], 'cannot-tell'), few)
    assert.doesNotMatch(shown([0, 0], 'cannot-tell'), few)
    assert.doesNotMatch(shown([90, 10], 'cannot-tell'), few)
    assert.doesNotMatch(shown([5, 5], 'differs'), few)
  })
})

describe('a simulation', () => {
  it('has a row for each share: how many, their percentage, and the configured one', () => {
    const rows = [
      { name: 'v1', count: 905, percent: 90 },
      { name: 'v2', count: 95, percent: 10 },
    ]
    const text = formatSimulation(rows, { count: 1000, seed: 7 })
    assert.match(text, /^1000 requests, simulated with seed 7:\n/)
    assert.match(text, /v1 +905 +90\.5 % +90 %\n +v2 +95 +9\.5 % +10 %$/)
  })
})
