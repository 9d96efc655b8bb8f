import assert from 'node:assert/strict'
import { chmod } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { test } from 'node:test'
import type { CanaryError } from '../../../shared/objects/canary-error.ts'
import { requestTimeoutOf } from '../../../shared/live/connection/login/request-timeout.ts'
import { readLogin } from '../../../shared/live/connection/login/read-login.ts'
import { folderWith, kubeconfig, surroundings } from '../folder.ts'
import { asWritten } from './as-written.ts'

const failsWith =
  (code: string, message: RegExp) =>
  (error: CanaryError): boolean => {
    assert.equal(error.code, code)
    assert.match([error.message, ...error.hints].join('\n'), message)
    return true
  }

const two = {
  'a/config': kubeconfig(
    { server: 'https://a', 'certificate-authority': 'ca.crt' },
    { tokenFile: 'token' },
    { name: 'a', namespace: 'from-a' },
  ),
  'b/config': {
    ...kubeconfig({ server: 'https://b' }, { token: 'b' }, { name: 'b' }),
    clusters: [
      { name: 'a', cluster: { server: 'https://wrong', 'tls-server-name': 'wrong' } },
      { name: 'b', cluster: { server: 'https://b' } },
    ],
  },
}

test('of several kubeconfig files the first to name something wins, and missing ones are passed over', async () => {
  await using folder = await folderWith(two)
  const KUBECONFIG = ['missing', 'a/config', 'b/config', 'a/config']
    .map(file => join(folder.path, file))
    .join(delimiter)
  const first = await readLogin({}, surroundings({ KUBECONFIG }))
  assert.deepEqual(
    [first.context, first.server, first.namespace, first.cluster.tlsServerName],
    ['a', 'https://a', 'from-a', undefined],
  )
  const second = await readLogin({ context: 'b' }, surroundings({ KUBECONFIG }))
  assert.deepEqual(
    [second.context, second.server, second.namespace, second.user.token],
    ['b', 'https://b', 'default', 'b'],
  )
})

test('paths in a kubeconfig belong to the folder of their own file', async () => {
  await using folder = await folderWith(two)
  const KUBECONFIG = ['b/config', 'a/config'].map(file => join(folder.path, file)).join(delimiter)
  const { cluster, user } = await readLogin({ context: 'a' }, surroundings({ KUBECONFIG }))
  assert.equal(cluster.caFile, undefined)
  assert.equal(user.tokenFile, join(folder.path, 'a/token'))
  const own = await readLogin({}, surroundings({ KUBECONFIG: join(folder.path, 'a/config') }))
  assert.equal(own.cluster.caFile, join(folder.path, 'a/ca.crt'))
})

test('a credential program with a slash belongs to the file, one without to the PATH', async () => {
  const withExec = (command: string): object =>
    kubeconfig({ server: 'https://a' }, { exec: { command, apiVersion: 'client.authentication.k8s.io/v1' } })
  await using folder = await folderWith({ own: withExec('./bin/login'), path: withExec('login') })
  const commandOf = async (file: string): Promise<string | undefined> =>
    (await readLogin({ kubeconfig: join(folder.path, file) }, surroundings())).user.exec?.command
  assert.deepEqual(await Promise.all(['own', 'path'].map(commandOf)), [
    join(folder.path, 'bin/login'),
    'login',
  ])
})

test('without KUBECONFIG the file in the home folder is read', async () => {
  await using folder = await folderWith({
    '.kube/config':
      'current-context: x\ncontexts: [{name: x, context: {cluster: x}}]\nclusters: [{name: x, cluster: {server: "https://home:6443/prefix/"}}]\n',
  })
  assert.equal((await readLogin({}, surroundings({ HOME: folder.path }))).server, 'https://home:6443/prefix')
})

test('a kubeconfig that is named must be there, and must be one', async () => {
  await using folder = await folderWith({ broken: 'a: [', list: '- 1', empty: '' })
  await assert.rejects(
    readLogin({ kubeconfig: join(folder.path, 'none') }, surroundings()),
    failsWith('unreadable', /none: the file does not exist/),
  )
  await assert.rejects(
    readLogin({ kubeconfig: join(folder.path, 'none') }, surroundings()),
    ({ hints }: CanaryError) => /--kubeconfig/.test(hints.join()),
  )
  await assert.rejects(
    readLogin({ kubeconfig: join(folder.path, 'broken') }, surroundings()),
    failsWith('unreadable', /broken: /),
  )
  await assert.rejects(
    readLogin({ kubeconfig: join(folder.path, 'list') }, surroundings()),
    failsWith('unreadable', /not a kubeconfig/),
  )
  assert.equal(
    (await readLogin({ kubeconfig: join(folder.path, 'empty') }, surroundings())).server,
    'http://localhost:8080',
  )
})

test('a kubeconfig that cannot be read, such as a folder, is an error and not an empty one', async () => {
  await using folder = await folderWith({ secret: kubeconfig({ server: 'https://a' }) })
  await assert.rejects(
    readLogin({}, surroundings({ KUBECONFIG: folder.path })),
    failsWith('unreadable', new RegExp(`${folder.path.split('/').at(-1)!}: it is a folder`)),
  )
})

test('a kubeconfig that may not be read is an error and not an empty one', async context => {
  await using folder = await folderWith({ secret: kubeconfig({ server: 'https://a' }) })
  await chmod(join(folder.path, 'secret'), 0)
  if (process.getuid?.() === 0) return context.skip('root may read everything')
  await assert.rejects(
    readLogin({}, surroundings({ KUBECONFIG: join(folder.path, 'secret') })),
    failsWith('unreadable', /secret/),
  )
})

test('an unknown context, cluster or user is named with those that exist', async () => {
  await using folder = await folderWith({ config: kubeconfig({ server: 'https://a' }) })
  const at = surroundings({ KUBECONFIG: join(folder.path, 'config') })
  await assert.rejects(
    readLogin({ context: 'prod' }, at),
    failsWith('not-found', /context prod does not exist[\s\S]*test/),
  )
  await assert.rejects(
    readLogin({ cluster: 'prod' }, at),
    failsWith('not-found', /cluster prod does not exist/),
  )
  await assert.rejects(readLogin({ user: 'me' }, at), failsWith('not-found', /user me does not exist/))
})

test('flags win over the file, and drop what would contradict them', async () => {
  const cluster = { server: 'https://a', 'certificate-authority-data': 'x', 'tls-server-name': 'a.internal' }
  await using folder = await folderWith({
    config: kubeconfig(cluster, {
      tokenFile: 't',
      'client-key-data': 'k',
      'client-certificate-data': 'c',
      as: 'robot',
    }),
  })
  const at = surroundings({ KUBECONFIG: join(folder.path, 'config') })
  const read = (flags: object) => readLogin(flags, at)
  const clusterWith = async (flags: object) => asWritten(await read(flags)).cluster
  assert.deepEqual(await clusterWith({ server: 'https://b' }), {
    server: 'https://b',
    'certificate-authority-data': 'x',
  })
  assert.deepEqual(await clusterWith({ insecureSkipTlsVerify: true }), {
    server: 'https://a',
    'insecure-skip-tls-verify': true,
    'tls-server-name': 'a.internal',
  })
  assert.deepEqual(await clusterWith({ certificateAuthority: '/ca' }), {
    server: 'https://a',
    'certificate-authority': '/ca',
    'tls-server-name': 'a.internal',
  })
  assert.equal((await read({ tlsServerName: 'c' })).cluster.tlsServerName, 'c')
  const { user, userName } = await read({ token: 'T', clientKey: '/k', as: 'ann', asGroups: ['dev', 'ops'] })
  assert.equal(userName, '--token')
  assert.deepEqual(
    [user.token, user.tokenFile, user.keyFile, user.keyData, user.impersonateUser, user.impersonateGroups],
    ['T', undefined, '/k', undefined, 'ann', ['dev', 'ops']],
  )
  await assert.rejects(read({ asGroups: ['dev'] }), failsWith('usage', /need --as/))
})

test('a server without a scheme is https where certificates are spoken of', async () => {
  const server = async (cluster: object): Promise<string> => {
    await using folder = await folderWith({ config: kubeconfig(cluster) })
    return (await readLogin({}, surroundings({ KUBECONFIG: join(folder.path, 'config') }))).server
  }
  assert.equal(await server({ server: 'api:6443' }), 'http://api:6443')
  assert.equal(await server({ server: 'api:6443', 'insecure-skip-tls-verify': true }), 'https://api:6443')
  await assert.rejects(server({ server: 'ftp://api' }), failsWith('unreadable', /ftp:\/\/api is not a URL/))
})

const pod = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' }

test('in a pod the service account is used where no kubeconfig names a server', async () => {
  await using folder = await folderWith({
    'sa/token': 't',
    'sa/ca.crt': 'ca',
    'sa/namespace': 'shop\n',
    config: kubeconfig({ server: 'https://a' }),
  })
  const more = { serviceAccountFolder: join(folder.path, 'sa') }
  const login = await readLogin({}, surroundings(pod, more))
  assert.deepEqual(
    [login.server, login.namespace, login.user.tokenFile, login.cluster.caFile],
    ['https://[fd00::1]:443', 'shop', join(folder.path, 'sa/token'), join(folder.path, 'sa/ca.crt')],
  )
  assert.equal(
    (await readLogin({ namespace: 'other', as: 'ann' }, surroundings(pod, more))).namespace,
    'other',
  )
  assert.equal(
    (await readLogin({}, surroundings({ ...pod, KUBECONFIG: join(folder.path, 'config') }, more))).server,
    'https://a',
  )
})

test('no configuration at all says what to set', async () => {
  const { hints } = await readLogin({}, surroundings({ HOME: '/nonexistent' }))
  assert.match(hints.join(), /No cluster is configured \(looked in \/nonexistent\/.kube\/config\)/)
})

test('reads timeouts as kubectl does', () => {
  assert.deepEqual(
    ['0', '30', '1s', '2m', '1h30m', '1.5s', '300ms'].map(requestTimeoutOf),
    [0, 30_000, 1000, 120_000, 5_400_000, 1500, 300],
  )
  for (const text of ['', 'soon', '1', '1x', '1 s', '-1'].filter(text => text !== '1'))
    assert.throws(() => requestTimeoutOf(text), failsWith('usage', /not a duration/))
})
