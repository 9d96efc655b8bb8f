import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { test } from 'node:test'
import { startFakeServer } from '../api-server.ts'
import { clusterOf, get, withConnection } from './with-connection.ts'

const hasIpv6 = Object.values(networkInterfaces()).some(addresses =>
  addresses?.some(({ address }) => address === '::1'),
)

test('a server with an IPv6 address is reached and known', { skip: !hasIpv6 && 'no IPv6 here' }, async () => {
  for (const http2 of [false, true]) {
    await using server = await startFakeServer(() => ({}), { names: ['::1'], host: '::1', http2 })
    await withConnection({ cluster: clusterOf(server) }, async connection => {
      assert.equal((await connection.request(get)).status, 200)
      assert.match(connection.server, /^https:\/\/\[::1\]:\d+$/)
    })
  }
})
