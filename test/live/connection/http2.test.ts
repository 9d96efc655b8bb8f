import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { startFakeServer, status } from '../api-server.ts'
import { surroundings } from '../folder.ts'
import { clusterOf, fails, get, withConnection } from './with-connection.ts'

test('a server that speaks HTTP/2 carries all requests and streams on one connection', async () => {
  await using server = await startFakeServer(({ url }) => (url.pathname === '/watch' ? undefined : {}), {
    http2: true,
  })
  await withConnection({ cluster: clusterOf(server) }, async connection => {
    const controller = new AbortController()
    const streams = Array.from({ length: 20 }, () =>
      connection.stream({ path: '/watch', signal: controller.signal }),
    )
    const ended = Promise.allSettled(streams)
    const answers = await Promise.all(Array.from({ length: 100 }, () => connection.request(get)))
    assert.ok(answers.every(answer => answer.status === 200))
    assert.equal(server.connections, 1)
    controller.abort(new Error('enough'))
    assert.deepEqual(
      new Set((await ended).map(result => result.status === 'rejected' && String(result.reason))),
      new Set(['Error: enough']),
    )
    assert.equal((await connection.request(get)).status, 200)
  })
})

test('DISABLE_HTTP2 is heeded, as by kubectl', async () => {
  await using server = await startFakeServer(() => ({}), { http2: true })
  const around = surroundings({ DISABLE_HTTP2: '1' })
  await withConnection({ cluster: clusterOf(server), around }, async connection => {
    await Promise.all(Array.from({ length: 40 }, () => connection.request(get)))
    assert.ok(server.connections <= 4 && server.connections > 1, `${server.connections} connections`)
  })
})

test('a connection that the server ended is opened again for the next request', async () => {
  await using server = await startFakeServer(() => ({}), { http2: true })
  await withConnection({ cluster: clusterOf(server) }, async connection => {
    for (let i = 0; i < 3; i++) {
      assert.equal((await connection.request(get)).status, 200)
      server.hangUp()
    }
    assert.equal(server.connections, 3)
  })
})

test('requests go on while the server ends its connections in order, writes included', async () => {
  await using server = await startFakeServer(
    () => {
      server.goAway()
      return {}
    },
    { http2: true },
  )
  await withConnection({ cluster: clusterOf(server) }, async connection => {
    for (const method of ['GET', 'POST'])
      for (let i = 0; i < 5; i++) {
        const asked = { ...get, method, ...(method === 'POST' && { body: {} }) }
        const answers = await Promise.all([1, 2, 3].map(() => connection.request(asked)))
        assert.ok(answers.every(answer => answer.status === 200))
      }
    assert.equal(server.seen.length, 30)
  })
})

test('a write that the server ended is not sent again, and said to have failed', async () => {
  await using server = await startFakeServer(
    ({ method }) => {
      if (method === 'POST') server.hangUp()
      return method === 'POST' ? undefined : {}
    },
    { http2: true },
  )
  await withConnection({ cluster: clusterOf(server) }, async connection => {
    await connection.request(get)
    await assert.rejects(
      connection.request({ ...get, method: 'POST', body: {} }),
      fails('unreachable', /cannot reach/),
    )
    assert.equal(server.seen.filter(({ method }) => method === 'POST').length, 1)
  })
})

test('bodies, long answers, groups to act as and client certificates travel by HTTP/2 too', async () => {
  const large = 'x'.repeat(9_000_000)
  await using server = await startFakeServer(
    ({ method }) =>
      method === 'GET'
        ? { body: gzipSync(large) as unknown as string, headers: { 'content-encoding': 'gzip' } }
        : {},
    { http2: true },
  )
  const { certificate, key } = await server.authority.client({ name: 'ann' })
  const user = { 'client-certificate': 'c', 'client-key': 'k', as: 'bob', 'as-groups': ['dev', 'ops'] }
  await withConnection(
    { cluster: clusterOf(server), user, files: { c: certificate, k: key } },
    async connection => {
      const answers = await Promise.all([1, 2, 3].map(() => connection.request(get)))
      assert.ok(answers.every(({ text }) => text.length === large.length))
      await connection.request({ ...get, method: 'PATCH', body: { a: 'ä' } })
    },
  )
  const { body, subject, headers } = server.seen.at(-1)!
  assert.deepEqual([body, subject, headers['impersonate-group']], ['{"a":"ä"}', 'ann', 'dev, ops'])
})

test('a token that expires in the middle of many requests is renewed once', async () => {
  let accepted = 'one'
  await using server = await startFakeServer(
    ({ headers }) =>
      headers.authorization === `Bearer ${accepted}` ? {} : status(401, 'Unauthorized', 'Unauthorized'),
    { http2: true },
  )
  const program =
    '#!/bin/sh\necho x >> "$(dirname "$0")/runs"\nprintf \'{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"%s"}}\' "$(cat "$(dirname "$0")/token")"\n'
  const exec = { command: './login', apiVersion: 'client.authentication.k8s.io/v1', interactiveMode: 'Never' }
  await withConnection(
    {
      cluster: clusterOf(server),
      user: { exec },
      files: { login: program, token: 'one' },
      around: surroundings({ PATH: process.env['PATH'] ?? '' }),
    },
    async (connection, folder) => {
      const { readFile, writeFile } = await import('node:fs/promises')
      await Promise.all(Array.from({ length: 10 }, () => connection.request(get)))
      accepted = 'two'
      await writeFile(`${folder}/token`, 'two')
      const answers = await Promise.all(Array.from({ length: 10 }, () => connection.request(get)))
      assert.ok(answers.every(answer => answer.status === 200))
      assert.equal((await readFile(`${folder}/runs`, 'utf8')).trim().split('\n').length, 2)
    },
  )
})
