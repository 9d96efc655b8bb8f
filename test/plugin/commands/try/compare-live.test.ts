import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import test from 'node:test'
import { compareLive, type LiveComparison } from '../../../../plugin/commands/try/compare-live.ts'
import type { Session } from '../../../../plugin/session.ts'
import type { Trial, TrialShare } from '../../../../shared/trial/trial.ts'

interface Said {
  readonly status: number
  readonly version?: string
  /** The connection is closed without an answer. */
  readonly isLost?: true
}

const share = (version: string, percent: number, more: Partial<TrialShare> = {}): TrialShare => ({
  service: 'catalog',
  namespace: 'shop',
  version,
  host: 'catalog',
  percent,
  ...more,
})

/** What is said of 100 requests, each answered as its number says. */
async function compared(shares: readonly TrialShare[], answer: (n: number) => Said): Promise<LiveComparison> {
  let count = 0
  const server = createServer((request, response) => {
    const { status, version, isLost } = answer(count++)
    if (isLost) request.socket.destroy()
    else response.writeHead(status, version === undefined ? {} : { 'x-version': version }).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const session = {
    streams: { interrupt: new AbortController().signal, wait: () => Promise.resolve() },
  } as unknown as Session
  const asked = { scheme: 'http', host: 'catalog', port: 80, path: '/', method: 'GET', headers: {} }
  try {
    return await compareLive(session, { asked, shares } as unknown as Trial, {
      address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
      count: 100,
      rate: 500,
      versionIn: { header: 'X-Version' },
      insecure: false,
    })
  } finally {
    server.close()
  }
}

const countsOf = ({ parts }: LiveComparison): Readonly<Record<string, readonly [number, number]>> =>
  Object.fromEntries(parts.map(({ name, count, expected }) => [name, [count, expected] as const]))

const shares = [share('v1', 90), share('v2', 10)]

test('an error of a version is that status, and any other answer is that of its version', async () => {
  const comparison = await compared(shares, n =>
    n < 10 ? { status: 500, version: 'v2' } : { status: n < 20 ? 499 : 200, version: 'v1' },
  )
  assert.deepEqual(countsOf(comparison), { v1: [90, 0.9], v2: [0, 0.1], 500: [10, 0] })
  assert.equal(comparison.verdict, 'differs')
})

test('an answer without a version is its status', async () => {
  const comparison = await compared(shares, n => (n < 10 ? { status: 200 } : { status: 200, version: 'v1' }))
  assert.equal(countsOf(comparison)['200']![0], 10)
})

test('a configured error is met by answers with its status', async () => {
  const faulty = [share('v1', 90), share('v2', 10, { status: 503, failure: { flag: 'UH' } })]
  const comparison = await compared(faulty, n => (n < 10 ? { status: 503 } : { status: 200, version: 'v1' }))
  assert.deepEqual(countsOf(comparison), { v1: [90, 0.9], 503: [10, 0.1] })
  assert.equal(comparison.verdict, 'agrees')
})

test('shares of one name are one part', async () => {
  const comparison = await compared([share('v1', 50), share('v1', 50)], () => ({
    status: 200,
    version: 'v1',
  }))
  assert.deepEqual(countsOf(comparison), { v1: [100, 1] })
})

test('where some requests have no answer nobody can tell, unless the others differ', async () => {
  const version = (n: number): Said => ({ status: 200, version: n % 10 === 0 ? 'v2' : 'v1' })
  const lost = await compared(shares, n => (n === 1 ? { status: 0, isLost: true } : version(n)))
  assert.equal(
    [...lost.failures.values()].reduce((sum, count) => sum + count, 0),
    1,
  )
  assert.deepEqual([lost.sent, lost.verdict], [100, 'cannot-tell'])
  const wrong = await compared(shares, n =>
    n === 1 ? { status: 0, isLost: true } : { status: 200, version: 'v2' },
  )
  assert.equal(wrong.verdict, 'differs')
})
