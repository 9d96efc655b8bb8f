import assert from 'node:assert/strict'
import { Agent } from 'node:https'
import { after, describe, it } from 'node:test'
import { connect } from 'node:tls'
import { fc } from '../../properties.ts'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { AdmissionServer, type ReviewHandler } from '../../../webhook/serve/admission-server.ts'
import { answerReview } from '../../../webhook/admission/answer-review.ts'
import { timeBudgetOf } from '../../../webhook/serve/deadline.ts'
import type { KeyPair } from '../../../webhook/certificate/key-pair.ts'
import { createAuthority } from '../../cluster/credentials.ts'
import { reviewOf, virtualService } from '../requests.ts'
import { malformed } from '../admission/malformed.ts'
import { post, responseIn, reviewerOf, type Posted } from '../admission/reviewers.ts'

const authority = await createAuthority()
const ca = authority.certificate
const newPair = (): Promise<KeyPair> => authority.server(['localhost', '127.0.0.1'])
const good = JSON.stringify(reviewOf({ after: virtualService({ v1: 90, v2: 10 }) }))
const bad = JSON.stringify(reviewOf({ after: virtualService({ v1: 90, v2: 20 }) }))

async function serve(
  handle: ReviewHandler,
  use: (port: number, server: AdmissionServer) => Promise<void>,
): Promise<void> {
  const server = new AdmissionServer({ keyPair: await newPair(), handle })
  try {
    await use(await server.listen('127.0.0.1', 0), server)
  } finally {
    await server.close()
  }
}
const answering: ReviewHandler = (body, ms) => answerReview(body, ms, reviewerOf())

/** The serial number of the certificate that a new handshake gets. */
function serialAt(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca, servername: 'localhost' }, () => {
      resolve(socket.getPeerCertificate().serialNumber)
      socket.end()
    })
    socket.on('error', reject)
  })
}

const server = new AdmissionServer({ keyPair: await newPair(), handle: answering })
const port = await server.listen('127.0.0.1', 0)
const agent = new Agent({ keepAlive: true })
after(async () => {
  agent.destroy()
  await server.close()
})
const send = (
  body: string | Buffer,
  options: { readonly path?: string; readonly contentType?: string } = {},
): Promise<Posted> => post(port, body, { agent, ca, ...options })

describe('the admission server', () => {
  it('allows and denies over TLS', async () => {
    assert.deepEqual(responseIn(await send(good)), { uid: 'c0ffee', allowed: true })
    const { allowed, status } = responseIn(await send(bad))
    assert.deepEqual([allowed, status?.code, status?.reason], [false, 403, 'Forbidden'])
  })
  it('speaks TLS 1.2 at least', async () => {
    await assert.rejects(
      new Promise((resolve, reject) => {
        const socket = connect(
          {
            host: '127.0.0.1',
            port,
            ca,
            servername: 'localhost',
            maxVersion: 'TLSv1.1',
            minVersion: 'TLSv1',
            ciphers: 'DEFAULT@SECLEVEL=0',
          },
          () => resolve(socket.end()),
        )
        socket.on('error', reject)
      }),
    )
  })
  it('accepts a body of any content type', async () => {
    for (const contentType of ['application/json; charset=utf-8', 'text/plain', 'application/x-anything'])
      assert.equal((await send(good, { contentType })).status, 200)
  })
  it('treats a __proto__ key as a key', async () => {
    const { status } = await send(
      good.replace('"metadata":{', '"metadata":{"annotations":{"__proto__":"x","constructor":"y"},'),
    )
    assert.equal(status, 200)
  })
  it('accepts the 2.6 MB review of an object of 1.3 MB', async () => {
    const big = virtualService({ v1: 100 }, { annotations: { note: 'x'.repeat(1_300_000) } })
    assert.equal(responseIn(await send(JSON.stringify(reviewOf({ before: big, after: big })))).allowed, true)
  })
})

describe('the admission server, for a request that is no review,', () => {
  it('answers 413 to a body that is too large for any review', async () =>
    assert.equal((await send(Buffer.alloc(9 * 2 ** 20, 32))).status, 413))
  it('answers 400 to a body that is no review', async () => {
    for (const body of ['', '{', 'null', '{}', '{"kind":"AdmissionReview"}'])
      assert.equal((await send(body)).status, 400)
  })
  it('answers 404 to other paths', async () => assert.equal((await send(good, { path: '/' })).status, 404))
  it('never answers a malformed review with a 500', async () => {
    for (const body of malformed.filter((_, i) => i % 3 === 0))
      assert.ok([200, 400].includes((await send(body)).status))
  })
  it('survives 1,000 bodies of random bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 400 }),
        async bytes => (await send(Buffer.from(bytes))).status === 400,
      ),
      { numRuns: 1000 },
    )
  })
})

describe('the time budget of a review', () => {
  it('is what the API server grants, less a margin', () => {
    assert.deepEqual(
      ['10s', '5s', '1s', '500ms', '30s', '100ms', '0s'].map(timeBudgetOf),
      [9000, 4500, 800, 300, 27_000, 50, 50],
    )
  })
  it('is that of ten seconds without a timeout', () => {
    for (const timeout of [
      undefined,
      '',
      'x',
      '5',
      ['1s', '2s'],
      '-1s',
      '1e3s',
      '1e3',
      '9999999h99999999999h',
      '\0',
    ])
      assert.equal(timeBudgetOf(timeout), 9000)
  })
  it('is never more than an API server grants', () => {
    for (const timeout of ['31s', '1m', '1m30s', '1h', '9999999s', '999999m', '999999.999s'])
      assert.equal(timeBudgetOf(timeout), 27_000)
  })
  it('comes from the query of the request', async () => {
    const budgets: number[] = []
    const handle: ReviewHandler = (body, ms) => (
      budgets.push(ms),
      answering(body, ms, { isAuthenticated: false })
    )
    await serve(handle, async port => void (await post(port, good, { ca, path: '/validate?timeout=2s' })))
    assert.ok(budgets[0]! <= 1800 && budgets[0]! > 0)
  })
})

describe('a new certificate', () => {
  it('is served to new handshakes while requests go on, and none is lost', async () => {
    await serve(answering, async (port, server) => {
      const agent = new Agent({ keepAlive: true })
      let isOver = false
      const load = Array.from({ length: 4 }, async (_, i) => {
        let answered = 0
        while (!isOver) {
          // Every other client makes a new handshake each time.
          assert.equal((await post(port, good, i % 2 === 0 ? { agent, ca } : { ca })).status, 200)
          answered++
        }
        return answered
      })
      const serials = new Set<string>()
      for (let i = 0; i < 10; i++) {
        server.replaceKeyPair(await newPair())
        serials.add(await serialAt(port))
      }
      isOver = true
      const answered = await Promise.all(load)
      agent.destroy()
      assert.equal(serials.size, 10)
      assert.ok(answered.every(count => count > 0))
    })
  })
  it('that is not usable leaves the old one in use', async () => {
    await serve(answering, async (port, server) => {
      const serial = await serialAt(port)
      const [one, other] = [await newPair(), await newPair()]
      for (const pair of [
        { certificate: 'x', key: 'y' },
        { certificate: '', key: '' },
        { certificate: one.certificate, key: other.key },
      ]) {
        assert.throws(
          () => server.replaceKeyPair(pair),
          (error: unknown) => error instanceof CanaryError && error.code === 'unreadable',
        )
      }
      assert.equal(await serialAt(port), serial)
    })
  })
})

describe('draining', () => {
  it('keeps serving and closes each connection after its response', async () => {
    await serve(answering, async (port, server) => {
      const agent = new Agent({ keepAlive: true })
      assert.equal((await post(port, good, { agent, ca })).headers.connection, 'keep-alive')
      server.drain()
      const { status, headers } = await post(port, good, { agent, ca })
      assert.deepEqual([status, headers.connection], [200, 'close'])
      agent.destroy()
    })
  })
  it('answers the reviews under way before it closes', async () => {
    const { promise: held, resolve: release } = Promise.withResolvers<void>()
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
    const handle: ReviewHandler = async (body, ms) => {
      arrive()
      await held
      return answering(body, ms, { isAuthenticated: false })
    }
    const server = new AdmissionServer({ keyPair: await newPair(), handle })
    const port = await server.listen('127.0.0.1', 0)
    const sent = post(port, good, { ca })
    await arrived
    const closed = server.close()
    release()
    assert.equal((await sent).status, 200)
    await closed
    await assert.rejects(post(port, good, { ca }))
  })
})
