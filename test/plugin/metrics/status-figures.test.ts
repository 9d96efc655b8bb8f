import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { parse } from 'yaml'
import { startFakeServer, type FakeServer, type Reply } from '../../live/api-server.ts'
import { folderWith } from '../../live/folder.ts'
import { shop, storeOf } from '../shop.ts'
import { runCommand, words, type Ended, type World } from '../run-command.ts'
import { answerQuery, requests, startFakePrometheus, success } from './fake-prometheus.ts'
import { assertStatusData } from '../status/status-schema.ts'

const some = [
  requests('v1', 90),
  requests('v2', 9.5),
  requests('v2', 0.5, { response_code: '503', response_flags: 'UF' }),
]

const status = (line: string, world: World = {}): Promise<Ended> =>
  runCommand(words(`status ${line}`), { store: storeOf('catalog'), ...world })

/** The cells of a version's row in the table of figures. */
const rowOf = ({ stdout }: Ended, version: string): readonly string[] =>
  stdout
    .slice(stdout.indexOf('OBSERVED'))
    .split('\n')
    .find(line => line.trim().startsWith(`${version} `))!
    .trim()
    .split(/ {2,}/)

const serverThat = (answer: Reply | undefined): Promise<FakeServer> =>
  startFakeServer(() => answer, { plain: true })

test('each version has its observed share, rate, success and durations beside the configured share', async () => {
  await using server = await startFakePrometheus(some)
  const ended = await status(`catalog --prometheus ${server.url}`)
  assert.deepEqual([ended.code, ended.stderr], [0, ''])
  assert.deepEqual(rowOf(ended, 'v1'), ['v1', '100.0 %', '90.0 %', '90', '100 %', '18ms', '24ms', '25ms'])
  assert.deepEqual(rowOf(ended, 'v2'), ['v2', '0.0 %', '10.0 %', '10', '95 %', '18ms', '24ms', '25ms'])
  assert.match(
    ended.stdout,
    new RegExp(`last 60 s, as callers see it, from ${server.url}\n *v2: 503 UF 0.5/s`),
  )
  assert.ok(ended.stdout.split('\n').every(line => line.length <= 80))
})

test('-o wide has a line of bars for the last minutes', async () => {
  await using server = await startFakePrometheus(some)
  const ended = await status(`catalog -o wide --prometheus ${server.url}`)
  assert.match(rowOf(ended, 'v1').at(-1)!, /^▁.*█$/)
})

test('a version without data has dashes, and a note says so', async () => {
  await using server = await startFakePrometheus([requests('v1', 5)])
  const ended = await status(`catalog --prometheus ${server.url}`)
  assert.deepEqual(rowOf(ended, 'v2'), ['v2', '0.0 %', ...'------'])
  assert.match(ended.stdout, /no data for v2: no request was recorded in the last 60 s/)
})

test('a server without any of Istio’s metrics is said to have none', async () => {
  await using server = await startFakePrometheus([])
  const ended = await status(`catalog --prometheus ${server.url}`)
  assert.deepEqual(rowOf(ended, 'v1'), ['v1', '100.0 %', ...'------'])
  assert.match(ended.stdout, /no data: .* has no istio_requests_total/)
})

test('gRPC failures are named, and what the server warns of', async () => {
  await using server = await startFakeServer(
    seen => {
      const reply = answerQuery(seen, [
        requests('v1', 8, { grpc_response_status: '0' }),
        requests('v1', 2, { grpc_response_status: '14' }),
      ])
      return { body: { ...(reply.body as object), warnings: ['a store did not answer'] } }
    },
    { plain: true },
  )
  const ended = await status(`catalog --prometheus ${server.url}`)
  assert.equal(rowOf(ended, 'v1')[4], '80 %')
  assert.match(ended.stdout, /v1: gRPC UNAVAILABLE 2\/s/)
  assert.match(ended.stdout, /warning from http:.*: a store did not answer/)
})

test('-o json carries the figures as data, numbers as they are, and no text', async () => {
  await using server = await startFakePrometheus(some)
  const ended = await status(`catalog -o json --prometheus ${server.url}`)
  assertStatusData(JSON.parse(ended.stdout), 'status -o json with figures')
  const { metrics } = (
    JSON.parse(ended.stdout) as { services: readonly { metrics: Record<string, unknown> }[] }
  ).services[0]!
  const v2 = {
    rps: 10,
    requests: 600,
    success: 95,
    p50: 17.5,
    p95: 24.25,
    p99: 24.85,
    failures: [{ code: '503', flags: 'UF', rps: 0.5 }],
  }
  const { versions, ...rest } = metrics as { versions: readonly Record<string, unknown>[] }
  assert.deepEqual(rest, {
    source: server.url,
    at: '2026-08-01T12:00:00.000Z',
    window: 60,
    scrapeInterval: { seconds: 15, from: 'series' },
    reporter: 'source',
    notes: [],
  })
  const { trend, ...figures } = versions[1]!
  assert.deepEqual(figures, { version: 'v2', reporter: 'source', share: 10, ...v2, seenBy: { source: v2 } })
  assert.equal((trend as readonly unknown[]).length, 15)
  const yaml = await status(`catalog -o yaml --prometheus ${server.url}`)
  assert.deepEqual(parse(yaml.stdout), JSON.parse(ended.stdout))
})

const failing: readonly (readonly [string, Reply, RegExp])[] = [
  [
    '401',
    { status: 401, body: 'no' },
    /: it does not accept the credentials \(401\); pass --prometheus-token-file/,
  ],
  [
    'HTML',
    { headers: { 'content-type': 'text/html' }, body: '<p>' },
    /not answer as Prometheus does \(200, text\/html\); check/,
  ],
  [
    'a redirect',
    { status: 302, headers: { location: '/login' } },
    /: it redirects to \/login \(302\); check/,
  ],
  [
    'an error',
    { status: 422, body: { status: 'error', error: 'too many series\u001b[2J' } },
    /: too many series/,
  ],
]
for (const [what, reply, note] of failing) {
  test(`${what} of a named server costs one note, and the status is shown without figures`, async () => {
    await using server = await serverThat(reply)
    const { code, stdout, stderr } = await status(`catalog --prometheus ${server.url}`)
    assert.equal(code, 0)
    assert.equal(stdout, (await status('catalog')).stdout)
    assert.match(stderr, note)
    assert.match(stderr, /^note: no live figures: [^\n\u001b]*\n$/)
  })
}

test('a named server that is not there costs one note', async () => {
  const { code, stderr } = await status('catalog --prometheus http://127.0.0.1:1')
  assert.equal(code, 0)
  assert.match(stderr, /^note: no live figures: http:\/\/127.0.0.1:1: .*ECONNREFUSED.*; check the URL.*\n$/)
})

test('a token and a password reach the server, under the path of its URL, and are never printed', async () => {
  await using server = await startFakePrometheus(some)
  await using folder = await folderWith({ token: 'a-token\n', basic: 'jane:pa:ss\n' })
  const url = `${server.url}/v1/projects/p/location/global/prometheus/`
  await status(`catalog --prometheus ${url} --prometheus-token-file ${join(folder.path, 'token')}`)
  await status(`catalog --prometheus ${url} --prometheus-basic-auth-file ${join(folder.path, 'basic')}`)
  const ended = await status(`catalog --prometheus ${url.replace('//', '//jane:s%20ecret@')}`)
  assert.deepEqual(
    [...new Set(server.seen.map(({ headers }) => headers.authorization))],
    ['Bearer a-token', ...['jane:pa:ss', 'jane:s ecret'].map(pair => `Basic ${btoa(pair)}`)],
  )
  assert.ok(
    server.seen.every(({ url: { pathname } }) =>
      pathname.startsWith('/v1/projects/p/location/global/prometheus/api/v1/query'),
    ),
  )
  assert.doesNotMatch(ended.stdout + ended.stderr, /ecret|jane/)
})

test('a server with TLS is verified by the authority that is given, unless that is not wanted', async () => {
  await using server = await startFakePrometheus(some, {})
  await using folder = await folderWith({})
  const authority = join(folder.path, 'ca.crt')
  await writeFile(authority, server.authority.certificate)
  const trusted = await status(
    `catalog --prometheus ${server.url} --prometheus-certificate-authority ${authority}`,
  )
  assert.equal(rowOf(trusted, 'v1')[3], '90')
  const unknown = await status(`catalog --prometheus ${server.url}`)
  assert.match(unknown.stderr, /no live figures: .*certificate/)
  const unchecked = await status(`catalog --prometheus ${server.url} --prometheus-insecure-skip-tls-verify`)
  assert.equal(rowOf(unchecked, 'v1')[3], '90')
})

const wrong: readonly (readonly [string, RegExp])[] = [
  ['--prometheus localhost:9090', /--prometheus is not the URL of a server/],
  ['--prometheus ftp://user:secret@x', /--prometheus is not the URL of a server/],
  ['--prometheus-token-file x', /--prometheus-token-file needs --prometheus URL/],
  ['--prometheus none --prometheus-insecure-skip-tls-verify', /needs --prometheus URL/],
  ['--prometheus http://a:b@x --prometheus-token-file x', /more than one kind of credentials/],
]
for (const [line, message] of wrong) {
  test(`${line} is a usage error that repeats no password`, async () => {
    const { code, stderr } = await status(line)
    assert.equal(code, 2)
    assert.match(stderr, message)
    assert.doesNotMatch(stderr, /secret/)
  })
}

test('on files figures are shown only where a server is named', async () => {
  await using server = await startFakePrometheus(some)
  await using folder = await folderWith(
    Object.fromEntries(shop('catalog').map((object, i) => [`${i}.yaml`, object])),
  )
  const env = { KUBECTL_CANARY_PROMETHEUS: server.url }
  const { openStore: store } = await import('../../../plugin/open-store.ts')
  const without = await runCommand(words(`status -f ${folder.path}`), { store, env })
  assert.doesNotMatch(without.stdout, /OBSERVED/)
  assert.equal(server.seen.length, 0)
  const named = await runCommand(words(`status -f ${folder.path} --prometheus ${server.url}`), { store })
  assert.equal(rowOf(named, 'v2')[2], '10.0 %')
})

test('the environment names a server for clusters, and none wants no figures', async () => {
  await using server = await startFakePrometheus(some)
  const env = { KUBECTL_CANARY_PROMETHEUS: server.url }
  assert.equal(rowOf(await status('catalog', { env }), 'v2')[2], '10.0 %')
  assert.doesNotMatch((await status('catalog --prometheus none', { env })).stdout, /OBSERVED/)
})

test('many services are asked for together', async () => {
  await using server = await startFakePrometheus(some)
  const names = Array.from({ length: 9 }, (_, i) => `catalog${i}`)
  await status(`--prometheus ${server.url}`, { store: storeOf('catalog', ...names) })
  assert.equal(server.seen.length, 4)
})

test('while it is watched the figures are asked for again', async () => {
  let rps = 10
  const interrupt = new AbortController()
  await using server = await startFakeServer(
    seen => {
      const reply = answerQuery(seen, [requests('v1', rps)])
      if (seen.url.search.includes('count_over_time'))
        return success({
          resultType: 'vector',
          result: [[{}, 300]].map(() => ({ metric: {}, value: [1, '300'] })),
        })
      if (seen.url.search.includes('_bucket')) rps += 10
      if (rps > 40) interrupt.abort()
      return reply
    },
    { plain: true },
  )
  const { stdout } = await status(`catalog -w --prometheus ${server.url}`, { interrupt: interrupt.signal })
  const rates = [...stdout.matchAll(/^ {2}v1 +100\.0 % +100\.0 % +(\d+) /gm)].map(([, rate]) => rate)
  assert.deepEqual(rates.slice(0, 3), ['10', '20', '30'])
})
