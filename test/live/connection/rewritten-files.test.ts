/** Files that are written anew while a process runs for months: a service account's token, and the cluster's authority. */
import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { connect } from '../../../shared/live/connection/connect.ts'
import { createAuthority } from '../../cluster/credentials.ts'
import { startFakeServer, status, type FakeServer } from '../api-server.ts'
import { folderWith, surroundings } from '../folder.ts'

/** As in a pod. */
async function inPod(server: FakeServer, files: { readonly token: string; readonly authority: string }) {
  const folder = await folderWith({ token: files.token, 'ca.crt': files.authority, namespace: 'guard' })
  const env = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(server.port) }
  const connection = await connect({}, surroundings(env, { serviceAccountFolder: folder.path }))
  return {
    connection,
    write: (name: string, text: string) => writeFile(join(folder.path, name), text),
    remove: (name: string) => rm(join(folder.path, name)),
    [Symbol.asyncDispose]: async () => {
      connection.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

const get = { path: '/api' }

test('a new authority of the cluster is trusted as soon as its file says so, by requests and by streams', async () => {
  await using server = await startFakeServer(() => ({ body: 'hello' }))
  const other = await createAuthority()
  for (const ask of ['request', 'stream'] as const) {
    await using pod = await inPod(server, { token: 't', authority: other.certificate })
    await assert.rejects(pod.connection[ask](get), /unknown authority/)
    await pod.write('ca.crt', server.authority.certificate)
    assert.equal((await pod.connection[ask](get)).status, 200)
  }
})

test('an authority that is known goes on being trusted while its file is gone or garbage', async () => {
  await using server = await startFakeServer(() => ({ headers: { connection: 'close' } }))
  await using pod = await inPod(server, { token: 't', authority: server.authority.certificate })
  for (const spoil of [() => pod.write('ca.crt', 'garbage'), () => pod.remove('ca.crt')]) {
    await spoil()
    assert.equal((await pod.connection.request(get)).status, 200)
  }
})

test('many requests at once outlive a new authority', async () => {
  await using server = await startFakeServer(() => ({}))
  await using pod = await inPod(server, { token: 't', authority: (await createAuthority()).certificate })
  await pod.write('ca.crt', server.authority.certificate)
  const answers = await Promise.all(Array.from({ length: 20 }, () => pod.connection.request(get)))
  assert.deepEqual(new Set(answers.map(answer => answer.status)), new Set([200]))
})

test('a new token is used as soon as the old one is refused, by requests and by streams', async () => {
  let accepted = 'one'
  await using server = await startFakeServer(({ headers }) =>
    headers.authorization === `Bearer ${accepted}` ? {} : status(401, 'Unauthorized', 'Unauthorized'),
  )
  await using pod = await inPod(server, { token: 'one', authority: server.authority.certificate })
  for (const [i, ask] of (['request', 'stream', 'request'] as const).entries()) {
    assert.equal((await pod.connection[ask](get)).status, 200)
    accepted = `after ${i}`
    assert.equal((await pod.connection[ask](get)).status, 401)
    await pod.write('token', accepted)
    assert.equal((await pod.connection[ask](get)).status, 200)
  }
})
