import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { startFakeServer } from '../api-server.ts'
import { clusterOf, fails, get, withConnection } from './with-connection.ts'

test('200 calls use at most 4 connections', async () => {
  await using server = await startFakeServer(() => ({}))
  await withConnection({ cluster: clusterOf(server) }, async connection => {
    await Promise.all(Array.from({ length: 100 }, () => connection.request(get)))
    for (let i = 0; i < 100; i++) await connection.request(get)
    assert.equal(server.seen.length, 200)
    assert.ok(server.connections <= 4, `${server.connections} connections`)
  })
})

test('streams that stay open do not hold up other calls', async () => {
  await using server = await startFakeServer(({ url }) => (url.pathname === '/watch' ? undefined : {}))
  await withConnection({ cluster: clusterOf(server) }, async connection => {
    const controller = new AbortController()
    const streams = Array.from({ length: 8 }, () =>
      connection.stream({ path: '/watch', signal: controller.signal }),
    )
    const ended = Promise.allSettled(streams)
    assert.equal((await connection.request(get)).status, 200)
    controller.abort(new Error('enough'))
    assert.ok(
      (await ended).every(
        result => result.status === 'rejected' && (result.reason as Error).message === 'enough',
      ),
    )
  })
})

test('a streamed body comes as it is sent', async () => {
  await using server = await startFakeServer(() => ({ body: '{"a":1}\n{"a":2}\n' }))
  await withConnection({ cluster: clusterOf(server) }, async connection => {
    const { status: code, body } = await connection.stream(get)
    let text = ''
    for await (const chunk of body) text += String(chunk)
    assert.deepEqual([code, text], [200, '{"a":1}\n{"a":2}\n'])
  })
})

test('trusts a server by its authority and name, and not otherwise', async () => {
  await using server = await startFakeServer(() => ({}), { names: ['api.internal'] })
  const ask = (cluster: object) =>
    withConnection({ cluster }, async connection => {
      await connection.request(get)
    })
  await ask(clusterOf(server, { 'tls-server-name': 'api.internal' }))
  await ask({ server: server.url, 'insecure-skip-tls-verify': true })
  await assert.rejects(
    ask(clusterOf(server)),
    fails('unreachable', /is for another name[\s\S]*--tls-server-name/),
  )
  await assert.rejects(
    ask({ server: server.url, 'tls-server-name': 'api.internal' }),
    fails('unreachable', /127\.0\.0\.1:\d+ \(context test\) is not trusted: .* unknown authority/),
  )
  await assert.rejects(
    ask(clusterOf(server, { 'insecure-skip-tls-verify': true })),
    fails('unreadable', /both insecure-skip-tls-verify and a certificate authority/),
  )
})

test('a server that nobody listens on is named with its context', async () => {
  const gone = await startFakeServer(() => ({}))
  await gone[Symbol.asyncDispose]()
  await withConnection({ cluster: clusterOf(gone) }, async connection => {
    await assert.rejects(
      connection.request(get),
      fails(
        'unreachable',
        /cannot reach https:\/\/127\.0\.0\.1:\d+ \(context test\): the connection was refused\nCheck it with: kubectl cluster-info --kubeconfig/,
      ),
    )
  })
  await withConnection({ cluster: { server: 'https://nowhere.invalid' } }, async connection => {
    await assert.rejects(connection.request(get), fails('unreachable', /host/))
  })
})

test('a plain server under an https URL is said to be one', async () => {
  await using server = await startFakeServer(() => ({}), { plain: true })
  await withConnection(
    { cluster: { server: server.url.replace('http:', 'https:'), 'insecure-skip-tls-verify': true } },
    async connection => {
      await assert.rejects(connection.request(get), fails('unreachable', /does not speak TLS|cannot reach/))
    },
  )
})

test('gives up after the request timeout', async () => {
  await using server = await startFakeServer(() => undefined)
  await withConnection(
    { cluster: clusterOf(server), flags: { requestTimeout: '100ms' } },
    async connection => {
      await assert.rejects(
        connection.request(get),
        fails('timeout', /did not answer within 0\.1 s[\s\S]*--request-timeout/),
      )
    },
  )
})

test('an abort ends a request with its own reason', async () => {
  await using server = await startFakeServer(() => undefined)
  await withConnection({ cluster: clusterOf(server) }, async connection => {
    const reason = new Error('stop')
    await assert.rejects(connection.request({ ...get, signal: AbortSignal.abort(reason) }), reason)
  })
})

test('asks again when the server is too busy and says when', async () => {
  let asked = 0
  await using server = await startFakeServer(() =>
    asked++ < 2 ? { status: 429, headers: { 'retry-after': '0' } } : {},
  )
  await withConnection({ cluster: clusterOf(server) }, async connection => {
    assert.equal((await connection.request(get)).status, 200)
  })
  assert.equal(asked, 3)
})

test('reads compressed answers, and the warnings that come with one', async () => {
  await using server = await startFakeServer(() => ({
    body: gzipSync('{"a":1}') as unknown as string,
    headers: { 'content-encoding': 'gzip', warning: '299 - "old \\"API\\"", 299 - "more"' },
  }))
  await withConnection({ cluster: clusterOf(server) }, async connection => {
    const answer = await connection.request(get)
    assert.deepEqual([answer.json(), answer.warnings], [{ a: 1 }, ['old "API"', 'more']])
  })
  assert.equal(server.seen[0]!.headers['accept-encoding'], 'gzip')
})

test("sends a body, its type, the query and a path below the server's own", async () => {
  await using server = await startFakeServer(() => ({}))
  await withConnection(
    { cluster: clusterOf(server, { server: `${server.url}/k8s/clusters/c1/` }) },
    async connection => {
      await connection.request({
        method: 'PATCH',
        path: '/api/v1/x',
        query: { a: '1 2', b: undefined },
        body: { c: 'ä' },
        contentType: 'application/merge-patch+json',
      })
    },
  )
  const { method, url, headers, body } = server.seen[0]!
  assert.deepEqual(
    [method, url.pathname, url.search, headers['content-type'], body],
    ['PATCH', '/k8s/clusters/c1/api/v1/x', '?a=1+2', 'application/merge-patch+json', '{"c":"ä"}'],
  )
})

test('an answer that is not JSON is not taken for one', async () => {
  await using server = await startFakeServer(() => ({ body: '<html>Log in</html>' }))
  await withConnection({ cluster: clusterOf(server) }, async connection => {
    const answer = await connection.request(get)
    assert.throws(() => answer.json(), fails('failed', /did not return JSON/))
  })
})
