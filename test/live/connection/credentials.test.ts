import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { KubectlFlags } from '../../../shared/live/connection/login/flags.ts'
import { startFakeServer, status } from '../api-server.ts'
import { base64 } from '../folder.ts'
import { clusterOf, fails, get, withConnection } from './with-connection.ts'

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
  const subjectFor = async (user: object, flags: KubectlFlags = {}): Promise<string | undefined> => {
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
    fails('unauthorized', /auth provider gcp is not supported[\s\S]*gke-gcloud-auth-plugin/),
  )
})
