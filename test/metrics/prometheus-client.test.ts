import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import test from 'node:test'
import { sampleOf } from '../../shared/metrics/prometheus/read-answer.ts'
import { answeringClient, replied } from './direct-source.ts'
import { fc } from '../properties.ts'

const vector = (...values: readonly string[]) => ({
  status: 'success',
  data: {
    resultType: 'vector',
    result: values.map((value, i) => ({ metric: { i: String(i) }, value: [1_700_000_000.5, value] })),
  },
})

test('an instant query gives its series; NaN and infinity are numbers', async () => {
  const { client } = answeringClient(() => replied(vector('0.5', 'NaN', '+Inf', '-Inf', '1e-05')))
  const { data } = await client.instant('up')
  assert.deepEqual(
    data?.map(({ points }) => points[0]![1]),
    [0.5, NaN, Infinity, -Infinity, 1e-5],
  )
  assert.deepEqual(data[0]!.labels, { i: '0' })
})

test('a query that gives a scalar gives one number', async () => {
  const data = { resultType: 'scalar', result: [1_700_000_000.5, '3'] }
  const { client } = answeringClient(() => replied({ status: 'success', data }))
  assert.deepEqual((await client.instant('scalar(up)')).data, [
    { labels: {}, points: [[1_700_000_000.5, 3]] },
  ])
})

test('an answer of which a part is missing comes with a warning', async () => {
  const warned = async (isPartial: boolean): Promise<string> => {
    const { client } = answeringClient(() => replied({ ...vector('1'), isPartial }))
    return (await client.instant('up')).warnings.join()
  }
  assert.match(await warned(true), /partial/)
  assert.equal(await warned(false), '')
})

test('warnings and infos come with the data', async () => {
  const body = { ...vector('1'), warnings: ['partial response'], infos: ['metric might not be a counter'] }
  const { client } = answeringClient(() => replied(body))
  assert.deepEqual((await client.instant('up')).warnings, [
    'partial response',
    'metric might not be a counter',
  ])
})

const failing = [
  ['unauthorized', { status: 401, contentType: 'text/plain', text: 'Unauthorized' }],
  ['forbidden', { status: 403, contentType: 'text/plain', text: 'no' }],
  ['not-prometheus', { status: 200, contentType: 'text/html; charset=utf-8', text: '<html>sign in</html>' }],
  ['not-prometheus', { status: 404, contentType: 'text/plain', text: '404 page not found' }],
  ['not-prometheus', { status: 302, contentType: '', text: '', location: 'https://login.example.com/' }],
  ['not-prometheus', replied({ kind: 'List', items: [] })],
  ['unreachable', replied({ kind: 'Status', status: 'Failure', message: 'endpoints "x" not found' }, 404)],
  ['unreachable', replied({ kind: 'Status', status: 'Failure', message: 'no endpoints available' }, 503)],
  ['not-prometheus', replied({ status: 'success', data: { result: 'x' } })],
  ['not-prometheus', replied({ status: 'success', data: { result: [{ metric: {}, value: [1, 2] }] } })],
  ['busy', { status: 502, contentType: 'text/html', text: '<h1>Bad Gateway</h1>' }],
  ['rejected', replied({ status: 'error', errorType: 'bad_data', error: 'parse error' }, 400)],
  [
    'timeout',
    replied({ status: 'error', errorType: 'timeout', error: 'query timed out in expression' }, 503),
  ],
] as const

for (const [reason, reply] of failing) {
  test(`an answer ${reply.status} of ${reply.contentType || 'nothing'} is ${reason}: ${reply.text.slice(0, 30)}`, async () => {
    const { client } = answeringClient(() => reply)
    const { failure } = await client.instant('up')
    assert.equal(failure?.reason, reason)
    assert.ok(failure.message !== '' && !failure.message.includes('\n'))
  })
}

test('a server that was busy or not there is asked once more, and a refused query is not', async () => {
  let count = 0
  const recovering = answeringClient(() => {
    if (count++ === 0) throw new Error('connect ECONNREFUSED 127.0.0.1:9090')
    return replied(vector('1'))
  })
  assert.equal((await recovering.client.instant('up')).data?.length, 1)
  const down = answeringClient(() => {
    throw new Error('connect ECONNREFUSED 127.0.0.1:9090')
  })
  const { failure } = await down.client.instant('up')
  assert.deepEqual(failure, { reason: 'unreachable', message: 'connect ECONNREFUSED 127.0.0.1:9090' })
  assert.equal(down.asked.length, 2)
  const refusing = answeringClient(() => replied({ status: 'error', error: 'parse error' }, 400))
  await refusing.client.instant('up')
  assert.equal(refusing.asked.length, 1)
})

test('a server that does not answer in time is waited for no longer', async () => {
  // It keeps the process awake, which the timeout of the client does not.
  const { client, asked } = answeringClient(() => sleep(1_000) as never, {
    timeout: 20,
  })
  const { failure } = await client.instant('up')
  assert.deepEqual(failure, { reason: 'timeout', message: 'it did not answer within 0.02 s' })
  assert.equal(asked.length, 1)
})

test('a short query is a GET, and a long one a POST', async () => {
  const { client, asked } = answeringClient(() => replied(vector()))
  await client.instant('up')
  await client.range('x'.repeat(5000), { start: 1, end: 61, step: 15 })
  assert.deepEqual(
    asked.map(({ method, path }) => `${method} ${path}`),
    ['GET /api/v1/query', 'POST /api/v1/query_range'],
  )
  assert.deepEqual(Object.fromEntries(new URLSearchParams(asked[1]!.form)), {
    query: 'x'.repeat(5000),
    start: '1',
    end: '61',
    step: '15',
    timeout: '5000ms',
  })
})

test('every number that Go prints is read, and nothing else', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), value =>
      assert.ok(sampleOf(String(value)) === value),
    ),
  )
  for (const text of ['', ' 1', '1 ', '0x10', '1,5', 'Infinite', '--1', '1e', 'null'])
    assert.equal(sampleOf(text), undefined, text)
})

test('whatever a server answers, there is data or a failure, and nothing is thrown', async () => {
  await fc.assert(
    fc.asyncProperty(fc.json(), fc.constantFrom(200, 204, 302, 400, 404, 500, 503), async (text, status) => {
      const { client } = answeringClient(() => ({ status, contentType: 'application/json', text }), {
        retries: 0,
      })
      const answer = await client.instant('up')
      assert.equal(answer.data === undefined, answer.failure !== undefined)
    }),
  )
})
