import assert from 'node:assert/strict'
import { once } from 'node:events'
import https, { Server } from 'node:https'
import net from 'node:net'
import { after, describe, it, mock } from 'node:test'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { AdmissionServer } from '../../../webhook/serve/admission-server.ts'
import { answerReview } from '../../../webhook/admission/answer-review.ts'
import { createAuthority } from '../../cluster/credentials.ts'
import { until } from '../../live/watch/watching.ts'
import { reviewOf, virtualService } from '../requests.ts'
import { post, responseIn, reviewerOf } from '../admission/reviewers.ts'

const authority = await createAuthority()
const ca = authority.certificate
const newPair = (): ReturnType<typeof authority.server> => authority.server(['localhost', '127.0.0.1'])
const good = JSON.stringify(reviewOf({ after: virtualService({ v1: 90, v2: 10 }) }))

/** One connection on which a test writes what it likes. */
class Wire implements Disposable {
  readonly socket: TLSSocket
  text = ''
  isClosed = false

  constructor(port: number, options: ConnectionOptions = {}) {
    this.socket = connect({ host: '127.0.0.1', port, ca, servername: 'localhost', ...options })
    this.socket.on('data', chunk => {
      this.text += chunk.toString()
    })
    this.socket.on('error', () => undefined)
    this.socket.on('close', () => {
      this.isClosed = true
    })
  }

  /** The status of every answer so far. */
  get statuses(): readonly number[] {
    return [...this.text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
  }

  /** Writes all of it and waits for so many answers. */
  async send(text: string | Buffer, answers: number): Promise<readonly number[]> {
    this.socket.write(text)
    await until(
      `${answers} answers have come: ${this.text}`,
      () => this.statuses.length >= answers || this.isClosed,
    )
    return this.statuses
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }
}

interface RequestHead {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string | number>>
}

const head = ({
  method = 'POST',
  path = '/validate?timeout=5s',
  headers = { 'content-length': Buffer.byteLength(good) },
}: RequestHead = {}): string =>
  `${method} ${path} HTTP/1.1\r\nhost: guard\r\n${Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`
const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`

const made = mock.method(https, 'createServer')
let handshakeErrors = 0
const server = new AdmissionServer({
  keyPair: await newPair(),
  handle: (body, ms) => answerReview(body, ms, reviewerOf()),
  onHandshakeError: () => handshakeErrors++,
})
const listener = made.mock.calls[0]!.result!
made.mock.restore()
const port = await server.listen('127.0.0.1', 0)
after(() => server.close())
const serves = async (): Promise<void> =>
  assert.deepEqual(responseIn(await post(port, good, { ca })), { uid: 'c0ffee', allowed: true })

describe('a connection', () => {
  it('is never closed first by the server, neither after a request nor before the first one', () => {
    for (const ms of [listener.keepAliveTimeout, listener.headersTimeout, listener.requestTimeout])
      assert.ok(ms > 90_000 && ms < 300_000)
  })
  it('uses HTTP/1.1 with a client that supports HTTP/2 as well, and rejects one that supports only that', async () => {
    using both = new Wire(port, { ALPNProtocols: ['h2', 'http/1.1'] })
    assert.deepEqual(await both.send(head() + good, 1), [200])
    assert.equal(both.socket.alpnProtocol, 'http/1.1')
    const before = handshakeErrors
    using only = new Wire(port, { ALPNProtocols: ['h2'] })
    await until('it is closed, and counted', () => only.isClosed && handshakeErrors === before + 1)
  })
  it('needs no server name, and accepts any', async () => {
    for (const servername of ['', 'elsewhere.example']) {
      using wire = new Wire(port, { servername, checkServerIdentity: () => undefined })
      assert.deepEqual(await wire.send(head() + good, 1), [200])
    }
  })
  it('answers pipelined requests in order', async () => {
    using wire = new Wire(port)
    assert.deepEqual(
      await wire.send((head() + good).repeat(3) + head({ path: '/other' }) + good + head() + good, 5),
      [200, 200, 200, 404, 200],
    )
  })
  it('stays open while the certificate changes', async () => {
    using wire = new Wire(port)
    await wire.send(head() + good, 1)
    server.replaceKeyPair(await newPair())
    assert.deepEqual(await wire.send(head() + good, 2), [200, 200])
    assert.equal(wire.isClosed, false)
  })
})

describe('a connection with unusual requests', () => {
  it('accepts chunked bodies, and those that wait for 100 Continue', async () => {
    using wire = new Wire(port)
    const pieces = good
      .match(/[^]{1,100}/g)!
      .map(chunk)
      .join('')
    assert.deepEqual(
      await wire.send(`${head({ headers: { 'transfer-encoding': 'chunked' } })}${pieces}0\r\n\r\n`, 1),
      [200],
    )
    assert.deepEqual(
      await wire.send(
        head({ headers: { 'content-length': Buffer.byteLength(good), expect: '100-continue' } }),
        2,
      ),
      [200, 100],
    )
    assert.deepEqual(await wire.send(good, 3), [200, 100, 200])
  })
  it('survives requests that are no review: no body, a compressed one, other methods and paths', async () => {
    using wire = new Wire(port)
    const zipped = gzipSync(good)
    await wire.send(head({ headers: { 'content-length': 0 } }), 1)
    await wire.send(
      Buffer.concat([
        Buffer.from(head({ headers: { 'content-length': zipped.length, 'content-encoding': 'gzip' } })),
        zipped,
      ]),
      2,
    )
    await wire.send(head({ path: '/%' }) + good, 3)
    const methods = ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']
    for (const [i, method] of methods.entries())
      await wire.send(head({ method, headers: { 'content-length': 0 } }), 4 + i)
    assert.deepEqual(await wire.send(head() + good, 4 + methods.length), [
      400,
      400,
      400,
      ...methods.map(() => 404),
      200,
    ])
  })
})

describe('a connection with invalid requests', () => {
  it('ends with 413 when a body is announced or becomes larger than any review, without waiting for it', async () => {
    const tooMuch = 9 * 2 ** 20
    using announced = new Wire(port)
    assert.deepEqual(await announced.send(head({ headers: { 'content-length': tooMuch } }), 1), [413])
    await until('it is closed', () => announced.isClosed)
    using coming = new Wire(port)
    const piece = chunk(' '.repeat(2 ** 20))
    assert.deepEqual(
      await coming.send(head({ headers: { 'transfer-encoding': 'chunked' } }) + piece.repeat(9), 1),
      [413],
    )
    await serves()
  })
  it('ends with a response when it is not HTTP, or has an endless head', async () => {
    for (const [bytes, status] of [
      ['\0\x01garbage\r\n\r\n', 400],
      [head({ method: 'FOO' }), 400],
      [head({ headers: { x: 'x'.repeat(20_000) } }), 431],
    ] as const) {
      using wire = new Wire(port)
      assert.deepEqual(await wire.send(bytes, 1), [status])
      await until('it is closed', () => wire.isClosed)
    }
    await serves()
  })
  it('is closed when it is not TLS, and may break at any moment without an effect on others', async () => {
    const plain = net.connect(port, '127.0.0.1', () => plain.write(head() + good))
    plain.on('error', () => undefined)
    await new Promise<void>(resolve => {
      plain.on('data', () => assert.fail('plain text was answered')).on('close', () => resolve())
    })
    for (const part of [
      '',
      'POST /val',
      head(),
      head() + good.slice(0, 100),
      `${head({ headers: { 'transfer-encoding': 'chunked' } })}ff`,
    ]) {
      const wire = new Wire(port)
      await new Promise<void>(resolve => {
        wire.socket.on('secureConnect', () =>
          part === '' ? resolve() : wire.socket.write(part, () => resolve()),
        )
      })
      wire.socket.destroy()
    }
    await serves()
  })
})

describe('closing', () => {
  for (const [what, part] of [
    ['a connection without a request', ''],
    ['half a head', 'POST /val'],
    ['half a body', head() + good.slice(0, 100)],
  ] as const) {
    it(`does not wait for ${what} for ever`, async () => {
      const closing = new AdmissionServer({ keyPair: await newPair(), handle: () => assert.fail() })
      using wire = new Wire(await closing.listen('127.0.0.1', 0))
      await new Promise<void>(resolve => {
        wire.socket.on('secureConnect', () =>
          part === '' ? resolve() : wire.socket.write(part, () => resolve()),
        )
      })
      await closing.close(20)
      await until('it is closed', () => wire.isClosed)
    })
  }
  it('does not wait for a handshake that ends after the deadline', async context => {
    const closing = new AdmissionServer({ keyPair: await newPair(), handle: () => assert.fail() })
    const plain = net.connect(await closing.listen('127.0.0.1', 0), '127.0.0.1')
    await once(plain, 'connect')
    const closings = context.mock.method(Server.prototype, 'closeAllConnections')
    const closed = closing.close(20)
    await until('the time is up', () => closings.mock.callCount() > 0)
    using wire = new Wire(0, { socket: plain })
    await closed
    await until('it is closed', () => wire.isClosed)
  })
})
