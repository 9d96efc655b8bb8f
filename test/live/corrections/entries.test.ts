import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newClusters, newContexts, newUsers } from '@kubernetes/client-node/dist/config_types.js'
import { clustersOf, contextsOf, usersOf } from '../../../shared/live/corrections/entries.ts'

test('keeps the fields of users that kubectl knows', () => {
  const written = {
    tokenFile: 't',
    as: 'ann',
    'as-uid': '7',
    'as-groups': ['g'],
    'as-user-extra': { a: ['b'] },
    token: 'x',
  }
  const [user] = usersOf([{ name: 'u', user: written }], '/home/config')
  assert.deepEqual(
    [user?.tokenFile, user?.impersonateUser, user?.impersonateUid, user?.impersonateGroups],
    ['t', 'ann', '7', ['g']],
  )
  assert.deepEqual([user?.impersonateExtra, user?.token, user?.origin], [{ a: ['b'] }, 'x', '/home/config'])
})

test('keeps of a cluster what is said about compression and to credential programs', () => {
  const extensions = [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'x' } }]
  const [cluster] = clustersOf([
    { name: 'c', cluster: { server: 'https://a/', 'disable-compression': true, extensions } },
  ])
  assert.deepEqual(
    [cluster?.server, cluster?.disableCompression, cluster?.execConfig],
    ['https://a', true, { audience: 'x' }],
  )
})

test('an incomplete entry is there, and what is no entry is not', () => {
  assert.deepEqual(
    clustersOf([{ name: 'c', cluster: { 'certificate-authority': 'ca' } }, { name: 'd' }, null, {}]).map(
      ({ name, server, caFile }) => [name, server, caFile],
    ),
    [
      ['c', '', 'ca'],
      ['d', '', undefined],
    ],
  )
  assert.deepEqual(
    contextsOf([{ name: 'n', context: { namespace: 'shop' } }]).map(({ cluster, namespace }) => [
      cluster,
      namespace,
    ]),
    [['', 'shop']],
  )
  assert.deepEqual([clustersOf(undefined), usersOf('x', '/f'), contextsOf({})], [[], [], []])
})

test('is needed as long as upstream leaves fields out and throws on incomplete entries', () => {
  assert.deepEqual(
    Object.keys(newUsers([{ name: 'u', user: { tokenFile: 't', 'as-groups': [] } }])[0]!).filter(key =>
      /tokenFile|group/i.test(key),
    ),
    [],
  )
  assert.throws(() => newClusters([{ name: 'c', cluster: {} }]), /server is missing/)
  assert.throws(() => newContexts([{ name: 'c', context: {} }]), /cluster is missing/)
})
