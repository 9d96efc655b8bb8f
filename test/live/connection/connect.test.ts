import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { connect } from '../../../shared/live/connection/connect.ts'
import type { Connection } from '../../../shared/live/connection/connection.ts'
import type { Flags } from '../../../shared/live/connection/login/flags.ts'
import type { Surroundings } from '../../../shared/live/connection/login/login.ts'
import type { CanaryError } from '../../../shared/objects/canary-error.ts'
import { startFakeServer, status, type FakeServer } from '../api-server.ts'
import { base64, folderWith, kubeconfig, surroundings } from '../folder.ts'

/** The cluster entry that trusts a fake server. */
const clusterOf = ({ url, authority }: FakeServer, more: object = {}): object => ({
  server: url,
  'certificate-authority-data': base64(authority.certificate),
  ...more,
})

type Use = (connection: Connection, folder: string) => Promise<void>

/** Runs with a connection by this cluster and user of a kubeconfig, and closes it. */
async function withConnection(
  {
    cluster,
    user = {},
    flags = {},
    files = {},
    around = surroundings(),
  }: {
    readonly cluster: object
    readonly user?: object
    readonly flags?: Flags
    readonly files?: Readonly<Record<string, unknown>>
    readonly around?: Surroundings
  },
  use: Use,
): Promise<void> {
  await using folder = await folderWith({ config: kubeconfig(cluster, user), ...files })
  const connection = await connect({ kubeconfig: join(folder.path, 'config'), ...flags }, around)
  try {
    await use(connection, folder.path)
  } finally {
    connection.close()
  }
}

const get = { path: '/api' }
const fails =
  (code: string, message: RegExp) =>
  (error: CanaryError): boolean => {
    assert.equal(error.code, code, error.message)
    assert.match([error.message, ...error.hints].join('\n'), message)
    return true
  }

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

test('sends the token, the token file and the password of a user', async () => {
  await using server = await startFakeServer(() => ({}))
  const headerFor = async (
    user: object,
    files: Readonly<Record<string, unknown>> = {},
  ): Promise<string | undefined> => {
    await withConnection({ cluster: clusterOf(server), user, files }, async connection => {
      await connection.request(get)
    })
    return server.seen.at(-1)?.headers.authorization
  }
  assert.equal(await headerFor({ token: 't' }), 'Bearer t')
  assert.equal(await headerFor({ token: 't', tokenFile: 'f' }, { f: 'from-file\n' }), 'Bearer from-file')
  assert.equal(await headerFor({ username: 'ann', password: 'pä' }), `Basic ${base64('ann:pä')}`)
  assert.equal(await headerFor({}), undefined)
})

test('a token file that was rewritten is read again when the server refuses the old token', async () => {
  await using server = await startFakeServer(({ headers }) =>
    headers.authorization === 'Bearer new' ? {} : status(401, 'Unauthorized', 'Unauthorized'),
  )
  await withConnection(
    { cluster: clusterOf(server), user: { tokenFile: 'f' }, files: { f: 'old' } },
    async (connection, folder) => {
      assert.equal((await connection.request(get)).status, 401)
      await writeFile(join(folder, 'f'), 'new')
      assert.equal((await connection.request(get)).status, 200)
    },
  )
})

test('shows a client certificate, from data and from files', async () => {
  await using server = await startFakeServer(() => ({}))
  const { certificate, key } = await server.authority.client({ name: 'ann' })
  const subjectFor = async (user: object, flags: Flags = {}): Promise<string | undefined> => {
    await withConnection(
      { cluster: clusterOf(server), user, flags, files: { 'tls.crt': certificate, 'tls.key': key } },
      async connection => {
        await connection.request(get)
      },
    )
    return server.seen.at(-1)?.subject
  }
  assert.equal(
    await subjectFor({ 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) }),
    'ann',
  )
  assert.equal(await subjectFor({ 'client-certificate': 'tls.crt', 'client-key': 'tls.key' }), 'ann')
})

test('acts as somebody else, with groups, uid and extras', async () => {
  await using server = await startFakeServer(() => ({}))
  const user = {
    as: 'robot',
    'as-uid': '7',
    'as-groups': ['x'],
    'as-user-extra': { 'acme.com/scope': ['a', 'b'] },
  }
  await withConnection({ cluster: clusterOf(server), user }, async connection => {
    await connection.request(get)
  })
  const { headers } = server.seen[0]!
  assert.deepEqual(
    [
      headers['impersonate-user'],
      headers['impersonate-uid'],
      headers['impersonate-group'],
      headers['impersonate-extra-acme.com%2fscope'],
    ],
    ['robot', '7', 'x', 'a, b'],
  )
  await withConnection(
    { cluster: clusterOf(server), user, flags: { as: 'ann', asGroups: ['dev', 'ops'] } },
    async connection => {
      await connection.request(get)
      assert.equal(
        connection.flags.replace(/ --kubeconfig \S+/, ''),
        ' --as ann --as-group dev --as-group ops',
      )
    },
  )
  assert.deepEqual(
    [server.seen[1]!.headers['impersonate-user'], server.seen[1]!.headers['impersonate-group']],
    ['ann', 'dev, ops'],
  )
})

test('sends no credentials over plain http', async () => {
  await using server = await startFakeServer(() => ({}), { plain: true })
  await withConnection({ cluster: { server: server.url }, user: { token: 'secret' } }, async connection => {
    await connection.request(get)
  })
  assert.equal(server.seen[0]!.headers.authorization, undefined)
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
    assert.throws(() => answer.json(), fails('failed', /something else than JSON/))
  })
})

test("refusals keep the server's own words and say what to do", async () => {
  await using server = await startFakeServer(() => ({}))
  await withConnection(
    {
      cluster: clusterOf(server),
      user: { token: `x.${Buffer.from('{"exp":1700000000}').toString('base64url')}.x` },
    },
    async connection => {
      const answer = await connection.request(get)
      const refusal = (code: number, reason: string, message: string) =>
        connection.refusal(
          { ...answer, status: code, text: JSON.stringify(status(code, reason, message).body) },
          { verb: 'list', resource: 'services', namespace: 'shop' },
        )
      assert.ok(
        fails(
          'unauthorized',
          /does not accept the credentials of test: the token expired on 2023-11-14T22:13:20\.000Z/,
        )(refusal(401, 'Unauthorized', 'Unauthorized')),
      )
      assert.ok(
        fails(
          'forbidden',
          /User "ann" cannot list[\s\S]*kubectl auth can-i list services -n shop/,
        )(refusal(403, 'Forbidden', 'services is forbidden: User "ann" cannot list resource "services"')),
      )
      assert.ok(fails('conflict', /modified/)(refusal(409, 'Conflict', 'the object has been modified')))
      assert.ok(
        fails('rejected', /spec\.hosts/)(refusal(422, 'Invalid', 'x is invalid: spec.hosts: Required value')),
      )
      assert.ok(fails('timeout', /etcd/)(refusal(504, 'Timeout', 'etcd timed out')))
      assert.equal(
        refusal(403, '', 'admission webhook "guard" denied the request: one\n  two\nthree').code,
        'rejected',
      )
      assert.match(
        refusal(400, '', 'admission webhook "guard" denied the request: one\n  two\nthree').message,
        /one\n {2}two\nthree$/,
      )
      assert.ok(
        fails(
          'failed',
          /answered 502: Bad gateway/,
        )(connection.refusal({ ...answer, status: 502, text: 'Bad gateway' })),
      )
      assert.match(
        connection
          .refusal({ ...answer, status: 400, text: 'Client sent an HTTP request to an HTTPS server.' })
          .hints.join(),
        /https:/,
      )
    },
  )
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
        /does not accept the credentials of test: the client certificate expired on 20/,
      )
    },
  )
})

const jwt = (exp: number, more: object = {}): string =>
  [{ alg: 'RS256' }, { exp, ...more }, {}]
    .map(part => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')

test('a renewed OIDC token is kept in the kubeconfig, which otherwise stays as it is', async () => {
  let renewed = ''
  await using issuer = await startFakeServer(({ url }) =>
    url.pathname.startsWith('/.well-known')
      ? { body: { issuer: issuer.url, token_endpoint: `${issuer.url}/token` } }
      : {
          body: { access_token: 'a', token_type: 'bearer', id_token: renewed, refresh_token: 'refreshed-2' },
        },
  )
  renewed = jwt(4_000_000_000, { iss: issuer.url, aud: 'c', iat: Math.floor(Date.now() / 1000), sub: 'ann' })
  await using server = await startFakeServer(() => ({}))
  const config = {
    'id-token': jwt(1),
    'refresh-token': 'refresh-1',
    'client-id': 'c',
    'idp-issuer-url': issuer.url,
    'idp-certificate-authority-data': base64(issuer.authority.certificate),
  }
  await withConnection(
    { cluster: clusterOf(server), user: { 'auth-provider': { name: 'oidc', config } } },
    async (connection, folder) => {
      const before = await readFile(join(folder, 'config'), 'utf8')
      await connection.request(get)
      assert.equal(server.seen[0]!.headers.authorization, `Bearer ${renewed}`)
      assert.equal(
        await readFile(join(folder, 'config'), 'utf8'),
        before.replace(jwt(1), renewed).replace('refresh-1', 'refreshed-2'),
      )
    },
  )
})

test('an OIDC token that still holds is sent, and one that cannot be renewed is an error', async () => {
  await using server = await startFakeServer(() => ({}))
  const config = {
    'id-token': jwt(4_000_000_000),
    'refresh-token': 'r',
    'client-id': 'c',
    'idp-issuer-url': 'https://127.0.0.1:1',
  }
  await withConnection(
    { cluster: clusterOf(server), user: { 'auth-provider': { name: 'oidc', config } } },
    async connection => {
      await connection.request(get)
    },
  )
  assert.equal(server.seen[0]!.headers.authorization, `Bearer ${jwt(4_000_000_000)}`)
  const expired = { ...config, 'id-token': jwt(1) }
  await withConnection(
    { cluster: clusterOf(server), user: { 'auth-provider': { name: 'oidc', config: expired } } },
    async (connection, folder) => {
      const before = await readFile(join(folder, 'config'), 'utf8')
      await assert.rejects(
        connection.request(get),
        fails('unauthorized', /did not renew the token[\s\S]*Log in again/),
      )
      assert.equal(await readFile(join(folder, 'config'), 'utf8'), before)
    },
  )
})

test('providers that kubectl dropped are named', async () => {
  await using server = await startFakeServer(() => ({}))
  await assert.rejects(
    withConnection({ cluster: clusterOf(server), user: { 'auth-provider': { name: 'gcp' } } }, () =>
      assert.fail('connected'),
    ),
    fails('unauthorized', /no auth provider gcp[\s\S]*gke-gcloud-auth-plugin/),
  )
})
