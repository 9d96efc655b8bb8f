import assert from 'node:assert/strict'
import { Agent, request } from 'node:https'
import { describe, it } from 'node:test'
import type { KeyPair } from '../../../webhook/certificate/key-pair.ts'
import { AdmissionServer } from '../../../webhook/serve/admission-server.ts'
import { createAuthority } from '../../cluster/credentials.ts'

const [serving, callers, strangers] = [
  await createAuthority(),
  await createAuthority(),
  await createAuthority(),
]
const serverPair = (): Promise<KeyPair> => serving.server(['localhost'])

/** What the server takes callers with these certificates for, in turn over one agent each. */
async function taken(
  clientCA: string | undefined,
  client: KeyPair | undefined,
  { renew = false } = {},
): Promise<readonly boolean[]> {
  const seen: boolean[] = []
  const server = new AdmissionServer({
    keyPair: await serverPair(),
    clientCA,
    handle: async (_body, _ms, { isAuthenticated }) => (seen.push(isAuthenticated), undefined),
  })
  const port = await server.listen('127.0.0.1', 0)
  // Without kept connections each request may resume the session of the one before.
  const agent = new Agent({ keepAlive: false })
  try {
    for (let i = 0; i < 3; i++) {
      if (renew && i === 1) server.replaceKeyPair(await serverPair())
      await send(port, agent, client)
    }
    return seen
  } finally {
    agent.destroy()
    await server.close()
  }
}

const send = (port: number, agent: Agent, client: KeyPair | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        path: '/validate',
        method: 'POST',
        agent,
        ca: serving.certificate,
        servername: 'localhost',
        ...(client === undefined ? {} : { cert: client.certificate, key: client.key }),
      },
      answer => answer.resume().on('end', resolve),
    )
    sent.on('error', reject).end('{}')
  })

const user = { name: 'kube-apiserver' }

describe('a caller', () => {
  it('with a client certificate of the authority is known, also with a new serving certificate', async () => {
    const client = await callers.client(user)
    assert.deepEqual(await taken(callers.certificate, client), [true, true, true])
    assert.deepEqual(await taken(callers.certificate, client, { renew: true }), [true, true, true])
  })
  it('without a certificate, or with an expired or a foreign one or one for servers, is served and not known', async () => {
    for (const client of [
      undefined,
      await callers.client(user, { expired: true }),
      await strangers.client(user),
      await callers.server(['localhost']),
    ])
      assert.deepEqual(await taken(callers.certificate, client), [false, false, false])
  })
  it('is not known where no authority is given, whatever certificate it has', async () => {
    assert.deepEqual(await taken(undefined, await callers.client(user)), [false, false, false])
  })
})
