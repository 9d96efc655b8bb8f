import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startFakeServer } from '../api-server.ts'
import { clusterOf, fails, get, withConnection } from '../connection/with-connection.ts'

const printed = JSON.stringify({
  credential: { access_token: 'fresh', token_expiry: '2120-01-01T00:00:00Z' },
})
const command = {
  'cmd-path': process.execPath,
  'cmd-args': `-e 'console.log(${JSON.stringify(printed)})'`,
  'token-key': '{.credential.access_token}',
  'expiry-key': '{.credential.token_expiry}',
}

async function headerFor(name: string, config?: object): Promise<string | undefined> {
  await using server = await startFakeServer(() => ({}))
  await withConnection(
    { cluster: clusterOf(server), user: { 'auth-provider': { name, ...(config && { config }) } } },
    async connection => {
      await connection.request(get)
      await connection.request(get)
    },
  )
  return server.seen.at(-1)?.headers.authorization
}

test('gcp and azure still work with a token that holds, and with the command that prints one', async () => {
  for (const name of ['gcp', 'azure']) {
    assert.equal(await headerFor(name, { 'access-token': 'kept' }), 'Bearer kept')
    const old = { 'access-token': 'old', expiry: '2020-01-01T00:00:00Z' }
    assert.equal(await headerFor(name, { ...old, ...command }), 'Bearer fresh')
  }
})

test('without a valid token or a command it is said what replaces them', async () => {
  for (const config of [undefined, { 'access-token': 'old', expiry: '2020-01-01T00:00:00Z' }])
    await assert.rejects(
      headerFor('gcp', config),
      fails('unauthorized', /auth provider gcp is not supported[\s\S]*gke-gcloud-auth-plugin/),
    )
  await assert.rejects(headerFor('openstack', {}), fails('unauthorized', /openstack is not supported/))
})
