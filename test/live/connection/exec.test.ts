import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { connect } from '../../../shared/live/connection/connect.ts'
import type { Connection } from '../../../shared/live/connection/connection.ts'
import type { CanaryError } from '../../../shared/objects/canary-error.ts'
import { startFakeServer, status, type FakeServer } from '../api-server.ts'
import { base64, folderWith, kubeconfig, surroundings } from '../folder.ts'

const apiVersion = 'client.authentication.k8s.io/v1'

/** A credential program: notes how it was called, then prints what stands in the file `answer`. */
const program =
  '#!/bin/sh\nprintf "%s\\n" "$KUBERNETES_EXEC_INFO $EXTRA $*" >> "$(dirname "$0")/calls"\ncat "$(dirname "$0")/answer"\n'

const credential = (fields: object): string =>
  JSON.stringify({ kind: 'ExecCredential', apiVersion, status: fields })

interface Setting {
  readonly connection: Connection
  readonly answer: (fields: object) => Promise<void>
  readonly calls: () => Promise<readonly string[]>
}

async function withProgram(
  server: FakeServer,
  exec: object,
  use: (setting: Setting) => Promise<void>,
): Promise<void> {
  const cluster = { server: server.url, 'certificate-authority-data': base64(server.authority.certificate) }
  await using folder = await folderWith({
    login: program,
    config: kubeconfig(cluster, {
      exec: { command: './login', apiVersion, interactiveMode: 'Never', ...exec },
    }),
  })
  const connection = await connect(
    { kubeconfig: join(folder.path, 'config') },
    surroundings({ PATH: process.env['PATH'] ?? '' }),
  )
  try {
    await use({
      connection,
      answer: fields => writeFile(join(folder.path, 'answer'), credential(fields)),
      calls: async () => (await readFile(join(folder.path, 'calls'), 'utf8')).trim().split('\n'),
    })
  } finally {
    connection.close()
  }
}

const get = { path: '/api' }
const wants =
  (token: string) =>
  ({ headers }: { readonly headers: { readonly authorization?: string | undefined } }) =>
    headers.authorization === `Bearer ${token}` ? {} : status(401, 'Unauthorized', 'Unauthorized')

test('the program runs once for many requests and is told what kubectl tells it', async () => {
  await using server = await startFakeServer(wants('one'))
  await withProgram(
    server,
    { args: ['get', 'token'], env: [{ name: 'EXTRA', value: 'extra' }], provideClusterInfo: true },
    async ({ connection, answer, calls }) => {
      await answer({ token: 'one' })
      const answers = await Promise.all(Array.from({ length: 10 }, () => connection.request(get)))
      assert.ok(answers.every(({ status: code }) => code === 200))
      const [call, ...more] = await calls()
      assert.equal(more.length, 0)
      const info = JSON.parse(call!.replace(/ extra get token$/, '')) as {
        readonly kind: string
        readonly apiVersion: string
        readonly spec: { readonly interactive: boolean; readonly cluster: Record<string, string> }
      }
      assert.deepEqual(
        [info.kind, info.apiVersion, info.spec.interactive, info.spec.cluster['server']],
        ['ExecCredential', apiVersion, false, server.url],
      )
    },
  )
})

test('a refused token is renewed once, and a second refusal is an answer', async () => {
  let token = 'one'
  await using server = await startFakeServer(seen => wants(token)(seen))
  await withProgram(server, {}, async ({ connection, answer, calls }) => {
    await answer({ token: 'one' })
    await connection.request(get)
    token = 'two'
    await answer({ token: 'two' })
    const answers = await Promise.all(Array.from({ length: 6 }, () => connection.request(get)))
    assert.ok(answers.every(({ status: code }) => code === 200))
    token = 'three'
    assert.equal((await connection.request(get)).status, 401)
    assert.ok((await calls()).length <= 4)
  })
})

test('a token that has expired by its own account is not sent any more', async () => {
  await using server = await startFakeServer(() => ({}))
  await withProgram(server, {}, async ({ connection, answer }) => {
    await answer({ token: 'old', expirationTimestamp: '2020-01-01T00:00:00Z' })
    await connection.request(get)
    await answer({ token: 'new', expirationTimestamp: '2120-01-01T00:00:00Z' })
    await connection.request(get)
    assert.deepEqual(server.seen.map(({ headers }) => headers.authorization).slice(-1), ['Bearer new'])
  })
})

test('certificates of a program are shown, and changed when it gives others', async () => {
  let accepted = 'one'
  await using server = await startFakeServer(({ subject }) =>
    subject === accepted ? {} : status(401, 'Unauthorized', 'Unauthorized'),
  )
  const pair = async (name: string): Promise<object> => {
    const { certificate, key } = await server.authority.client({ name })
    return { clientCertificateData: certificate, clientKeyData: key }
  }
  await withProgram(server, {}, async ({ connection, answer }) => {
    await answer(await pair('one'))
    assert.equal((await connection.request(get)).status, 200)
    accepted = 'two'
    await answer(await pair('two'))
    const answers = await Promise.all(Array.from({ length: 6 }, () => connection.request(get)))
    assert.deepEqual(
      answers.map(({ status: code }) => code),
      [200, 200, 200, 200, 200, 200],
    )
  })
})

test('what is wrong with a program is said in words', async () => {
  await using server = await startFakeServer(() => ({}))
  const failure = async (exec: object, prints?: string): Promise<CanaryError> => {
    const caught = { error: undefined as CanaryError | undefined }
    await withProgram(server, exec, async ({ connection, answer }) => {
      await answer({ token: 't' })
      if (prints !== undefined) await connection.request(get).catch(() => {})
      caught.error = await connection.request(get).then(
        () => undefined,
        (error: CanaryError) => error,
      )
    })
    return caught.error!
  }
  const missing = await failure({ command: './none', installHint: 'Install it from example.com.' })
  assert.match(
    `${missing.code} ${missing.message} ${missing.hints.join()}`,
    /^unauthorized .*none of the kubeconfig does not exist Install it from example\.com\.$/,
  )
  assert.match((await failure({ command: 'false' })).message, /failed with exit code 1/)
  const junk = await failure({ command: 'echo', args: ['hello'] })
  assert.match(`${junk.message} ${junk.hints.join()}`, /did not print an ExecCredential Log in again with it/)
  const old = await failure({
    command: 'echo',
    args: [credential({ token: 't' }).replace(/k8s\.io\/v1"/, 'k8s.io/v1beta1"')],
  })
  assert.deepEqual(old.hints, [
    "Set apiVersion: client.authentication.k8s.io/v1beta1 in the user's exec in the kubeconfig.",
  ])
  assert.match(
    (await failure({ command: 'echo', args: [credential({})] })).message,
    /neither a token nor a certificate/,
  )
  assert.match(
    (await failure({ apiVersion: 'client.authentication.k8s.io/v1alpha1' })).message,
    /apiVersion client.authentication.k8s.io\/v1alpha1/,
  )
  assert.match(
    (await failure({ interactiveMode: 'Always' })).message,
    /needs a terminal to ask for credentials/,
  )
})

test('a program is not asked where the user has a token anyway', async () => {
  await using server = await startFakeServer(() => ({}))
  const cluster = { server: server.url, 'certificate-authority-data': base64(server.authority.certificate) }
  await using folder = await folderWith({
    config: kubeconfig(cluster, { exec: { command: 'false', apiVersion } }),
  })
  const connection = await connect(
    { kubeconfig: join(folder.path, 'config'), token: 'given' },
    surroundings(),
  )
  await connection.request(get)
  connection.close()
  assert.equal(server.seen[0]!.headers.authorization, 'Bearer given')
})

test('a certificate that has expired by its own account is replaced, and requests under way go on', async () => {
  for (const http2 of [false, true]) {
    await using server = await startFakeServer(() => ({}), { http2 })
    const pair = async (name: string, expirationTimestamp: string): Promise<object> => {
      const { certificate, key } = await server.authority.client({ name })
      return { clientCertificateData: certificate, clientKeyData: key, expirationTimestamp }
    }
    await withProgram(server, {}, async ({ connection, answer, calls }) => {
      await answer(await pair('old', '2020-01-01T00:00:00Z'))
      const early = Promise.all(Array.from({ length: 5 }, () => connection.request(get)))
      await early
      await answer(await pair('new', '2120-01-01T00:00:00Z'))
      await Promise.all(Array.from({ length: 5 }, () => connection.request(get)))
      await connection.request(get)
      assert.deepEqual(
        server.seen.map(({ subject }) => subject),
        [...Array.from({ length: 5 }, () => 'old'), ...Array.from({ length: 6 }, () => 'new')],
      )
      assert.equal((await calls()).length, 2)
    })
  }
})
