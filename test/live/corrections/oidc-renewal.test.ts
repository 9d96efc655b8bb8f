import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { OpenIDConnectAuth } from '@kubernetes/client-node/dist/oidc_auth.js'
import { startFakeServer, status } from '../api-server.ts'
import { clusterOf, fails, get, withConnection } from '../connection/with-connection.ts'
import { farAway, jwt, startOidcProvider } from './small-oidc-provider.ts'

const userOf = (config: object): object => ({ 'auth-provider': { name: 'oidc', config } })
const soon = (): number => Math.floor(Date.now() / 1000) + 5

test('an expired token is renewed once for many requests, and kept with the rotated refresh token', async () => {
  await using provider = await startOidcProvider(n => jwt(farAway, { n }))
  await using server = await startFakeServer(() => ({}))
  await withConnection(
    { cluster: clusterOf(server), user: userOf(provider.config(jwt(1), 'refresh-0')) },
    async (connection, folder) => {
      await Promise.all(Array.from({ length: 8 }, () => connection.request(get)))
      await connection.request(get)
      assert.equal(provider.renewals, 1)
      assert.ok(
        server.seen.every(({ headers }) => headers.authorization === `Bearer ${jwt(farAway, { n: 1 })}`),
      )
      const text = await readFile(join(folder, 'config'), 'utf8')
      assert.ok(text.includes('"refresh-1"') && text.includes(jwt(farAway, { n: 1 })))
    },
  )
})

test('tokens that expire while a process runs are renewed with the refresh token that came last', async () => {
  await using provider = await startOidcProvider(n => jwt(soon(), { n }))
  await using server = await startFakeServer(() => ({}))
  await withConnection(
    { cluster: clusterOf(server), user: userOf(provider.config(jwt(1), 'refresh-0')) },
    async connection => {
      for (let i = 0; i < 3; i++) assert.equal((await connection.request(get)).status, 200)
      assert.deepEqual([provider.renewals, provider.refreshToken], [3, 'refresh-3'])
    },
  )
})

test('a refresh token that is not rotated goes on being used', async () => {
  await using provider = await startOidcProvider(n => jwt(soon(), { n }), { rotates: false })
  await using server = await startFakeServer(() => ({}))
  await withConnection(
    { cluster: clusterOf(server), user: userOf(provider.config(jwt(1), 'refresh-0')) },
    async connection => {
      for (let i = 0; i < 2; i++) await connection.request(get)
      assert.equal(provider.renewals, 2)
    },
  )
})

test('a token that the server refuses is renewed though it has not expired', async () => {
  await using provider = await startOidcProvider(n => jwt(farAway, { n }))
  await using server = await startFakeServer(({ headers }) =>
    headers.authorization === `Bearer ${jwt(farAway, { n: 1 })}`
      ? {}
      : status(401, 'Unauthorized', 'Unauthorized'),
  )
  await withConnection(
    { cluster: clusterOf(server), user: userOf(provider.config(jwt(farAway), 'refresh-0')) },
    async connection => {
      const answers = await Promise.all(Array.from({ length: 5 }, () => connection.request(get)))
      assert.ok(answers.every(answer => answer.status === 200))
      assert.equal(provider.renewals, 1)
    },
  )
})

test('a refresh token that was used already, and none at all, are said to be', async () => {
  await using provider = await startOidcProvider(() => jwt(farAway))
  await using server = await startFakeServer(() => ({}))
  const ask = (config: object): Promise<void> =>
    withConnection({ cluster: clusterOf(server), user: userOf(config) }, async connection => {
      await connection.request(get)
    })
  await assert.rejects(
    ask(provider.config(jwt(1), 'old')),
    fails('unauthorized', /did not renew the token: the refresh token was used[\s\S]*Log in again/),
  )
  await assert.rejects(
    ask(provider.config(jwt(1), '')),
    fails('unauthorized', /has expired, and there is no refresh token/),
  )
})

test('is needed as long as upstream passes text for the URL of the provider', async () => {
  await using provider = await startOidcProvider(() => jwt(farAway))
  const config = provider.config(jwt(1), 'refresh-0')
  await assert.rejects(
    new OpenIDConnectAuth().applyAuthentication(
      { name: 'u', authProvider: { name: 'oidc', config } },
      { headers: {} },
    ),
    /URL/,
  )
})
