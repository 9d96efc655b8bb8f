import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startFakeServer, status } from '../api-server.ts'
import { base64 } from '../folder.ts'
import { transportError } from '../../../shared/live/connection/failure.ts'
import type { Login } from '../../../shared/live/connection/login/login.ts'
import { clusterOf, fails, get, withConnection } from './with-connection.ts'

const expiredToken = `x.${Buffer.from('{"exp":1700000000}').toString('base64url')}.x`

/** For each refusal of a list of Services, the code and the words of the error. */
const refusals: readonly (readonly [
  refused: readonly [number, string, string],
  code: string,
  words: RegExp,
])[] = [
  [
    [401, 'Unauthorized', 'Unauthorized'],
    'unauthorized',
    /rejects the credentials of test: the token expired on 2023-11-14T22:13:20\.000Z/,
  ],
  [
    [403, 'Forbidden', 'services is forbidden: User "ann" cannot list resource "services"'],
    'forbidden',
    /User "ann" cannot list[\s\S]*kubectl auth can-i list services -n shop/,
  ],
  [
    [403, '', 'admission webhook "guard" denied the request: one\n  two\nthree'],
    'rejected',
    /one\n {2}two\nthree$/,
  ],
  [
    [400, '', 'admission webhook "guard" denied the request: one\n  two\nthree'],
    'rejected',
    /one\n {2}two\nthree$/,
  ],
  [[409, 'Conflict', 'the object has been modified'], 'conflict', /modified/],
  [[413, 'RequestEntityTooLarge', 'limit is 3145728'], 'rejected', /limit/],
  [[422, 'Invalid', 'x is invalid: spec.hosts: Required value'], 'rejected', /spec\.hosts/],
  [[504, 'Timeout', 'etcd timed out'], 'timeout', /etcd/],
]

test("refusals keep the server's own words and say what to do", async () => {
  await using server = await startFakeServer(() => ({}))
  await withConnection({ cluster: clusterOf(server), user: { token: expiredToken } }, async connection => {
    const answer = await connection.request(get)
    const about = { verb: 'list', resource: 'services', namespace: 'shop' }
    for (const [refused, code, words] of refusals) {
      const text = JSON.stringify(status(...refused).body)
      assert.ok(fails(code, words)(connection.refusal({ ...answer, status: refused[0], text }, about)))
    }
  })
})

test('what a proxy answers instead of the server is told with its status, and with a hint where there is one', async () => {
  await using server = await startFakeServer(() => ({}))
  await withConnection({ cluster: clusterOf(server) }, async connection => {
    const answer = await connection.request(get)
    const badGateway = connection.refusal({ ...answer, status: 502, text: 'Bad gateway' })
    assert.ok(fails('failed', /answered 502: Bad gateway/)(badGateway))
    const plain = 'Client sent an HTTP request to an HTTPS server.'
    assert.match(connection.refusal({ ...answer, status: 400, text: plain }).hints.join(), /https:/)
  })
})

test('expired client certificates are told by their date', async () => {
  await using server = await startFakeServer(() => status(401, 'Unauthorized', 'Unauthorized'))
  const { certificate, key } = await server.authority.client({ name: 'ann' }, { expired: true })
  await withConnection(
    {
      cluster: clusterOf(server),
      user: { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) },
    },
    async connection => {
      const answer = await connection.request(get)
      assert.match(
        connection.refusal(answer).message,
        /rejects the credentials of test: the client certificate expired on 20/,
      )
    },
  )
})

const login = {
  server: 'https://api.example.com',
  context: 'test',
  timeout: 0,
  hints: [],
} as unknown as Login
for (const [code, advice, not] of [
  ['CERT_HAS_EXPIRED', /clock/, /certificate-authority/],
  ['CERT_NOT_YET_VALID', /clock/, /certificate-authority/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', /--tls-server-name NAME/, /certificate-authority/],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /--certificate-authority FILE/, /--tls-server-name|Node/],
] as const)
  test(`the advice for a server's certificate fits what is wrong with it: ${code}`, () => {
    const message =
      'of the system; if the root CA is installed locally, try running Node.js with --use-system-ca'
    const { hints, message: said } = transportError(Object.assign(new Error(message), { code }), {
      login,
      flags: '',
    })
    const text = [said, ...hints].join('\n')
    assert.match(text, /is not trusted: .*\(of the system\)/)
    assert.match(text, advice)
    assert.doesNotMatch(text, not)
  })
