import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, createServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import net from 'node:net'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { answerReview } from '../../../webhook/admission/answer-review.ts'
import { AdmissionServer } from '../../../webhook/serve/admission-server.ts'
import { BodyMemory, type BodyShare } from '../../../webhook/serve/body-memory.ts'
import { addressesIn } from '../../../webhook/serve/known-callers.ts'
import { receiveBody } from '../../../webhook/serve/receive-body.ts'
import { limitConnections } from '../../../webhook/serve/limit-connections.ts'
import { createAuthority } from '../../cluster/credentials.ts'
import { until } from '../../live/watch/watching.ts'
import { reviewerOf, post } from '../admission/reviewers.ts'
import { reviewOf, virtualService } from '../requests.ts'

const authority = await createAuthority()
const ca = authority.certificate
const keyPair = await authority.server(['localhost', '127.0.0.1'])
const good = JSON.stringify(reviewOf({ after: virtualService({ v1: 90, v2: 10 }) }))

/** A server whose connections all are closed at the end. */
async function serving(
  use: (port: number, opened: () => Promise<TLSSocket>) => Promise<void>,
  mostConnections?: number,
): Promise<void> {
  let overloads = 0
  const server = new AdmissionServer({
    keyPair,
    handle: (body, ms) => answerReview(body, ms, reviewerOf()),
    onOverload: () => overloads++,
    ...(mostConnections === undefined ? {} : { mostConnections }),
  })
  const port = await server.listen('127.0.0.1', 0)
  const sockets: TLSSocket[] = []
  try {
    await use(port, async () => {
      const socket = connect({ host: '127.0.0.1', port, ca, servername: 'localhost' })
      socket.on('error', () => undefined).resume()
      sockets.push(socket)
      await Promise.race([once(socket, 'secureConnect'), once(socket, 'close')])
      return socket
    })
    assert.equal(overloads, 0)
  } finally {
    for (const socket of sockets) socket.destroy()
    await server.close()
  }
}

const announcing = (bytes: number): string =>
  `POST /validate?timeout=10s HTTP/1.1\r\nhost: guard\r\ncontent-length: ${bytes}\r\n\r\n`
const times = <T>(count: number, make: () => Promise<T>): Promise<readonly T[]> =>
  Promise.all(Array.from({ length: count }, make))

describe('a flood of bodies', () => {
  it('that announce 2 MB and send one byte keeps nobody waiting', async () => {
    await serving(async (port, open) => {
      for (const socket of await times(50, open)) socket.write(`${announcing(2_000_000)}{`)
      const start = performance.now()
      assert.equal((await post(port, good, { ca })).status, 200)
      assert.ok(performance.now() - start < 1_000)
    })
  })
  it('that stall when they have filled the memory is dropped for a review that waits', async () => {
    await serving(async (port, open) => {
      const sockets = await times(12, open)
      for (const socket of sockets) socket.write(`${announcing(2_000_000)}${' '.repeat(1_000_000)}`)
      assert.equal((await post(port, good, { ca })).status, 200)
      await until('the stalled ones are closed', () => sockets.every(({ destroyed }) => destroyed))
      assert.equal((await post(port, good, { ca })).status, 200)
    })
  })
})

describe('a flood of idle connections', () => {
  it('does not keep an API server out, nor take its connection, and no more are kept than the most', async () => {
    await serving(async (port, open) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1, ca })
      const send = async (): Promise<number | undefined> => {
        const sent = request({
          host: '127.0.0.1',
          port,
          path: '/validate',
          method: 'POST',
          servername: 'localhost',
          agent,
        })
        const answered = once(sent.end(good), 'response')
        const [socket] = (await once(sent, 'socket')) as [TLSSocket]
        const [response] = await answered
        await once(response.resume(), 'end')
        assert.equal(response.statusCode, 200)
        return socket.localPort
      }
      const first = await send()
      const sockets = await times(200, open)
      await until('the oldest are closed', () => sockets.filter(({ destroyed }) => !destroyed).length < 20)
      assert.equal(await send(), first)
      agent.destroy()
      assert.equal((await post(port, good, { ca })).status, 200)
    }, 20)
  })
})

describe('a flood of connections', () => {
  it('that were all used gives its oldest one up for a new one', async () => {
    await serving(async (port, open) => {
      const sockets = await times(10, open)
      for (const socket of sockets) {
        socket.write(`${announcing(good.length)}${good}`)
        await once(socket, 'data')
      }
      assert.equal((await post(port, good, { ca })).status, 200)
      await until('one is closed', () => sockets.filter(({ destroyed }) => destroyed).length === 1)
      assert.equal(sockets[0]!.destroyed, true)
    }, 10)
  })
  it('that have requests under way closes the new one', async () => {
    await serving(async (_, open) => {
      const busy = await times(3, open)
      for (const socket of busy) socket.write(`${announcing(100)}{`)
      await pause(100)
      await assert.rejects(open(), /disconnected before secure TLS connection/)
      assert.ok(busy.every(({ destroyed }) => !destroyed))
    }, 3)
  })
  it('gives up the one whose last request was longest ago', async () => {
    await serving(async (_, open) => {
      const sockets = await times(3, open)
      for (const socket of [...sockets, sockets[0]!]) {
        socket.write(`${announcing(good.length)}${good}`)
        await once(socket, 'data')
      }
      await open()
      await until('one is closed', () => sockets.filter(({ destroyed }) => destroyed).length === 1)
      assert.equal(sockets[1]!.destroyed, true)
    }, 3)
  })
})

describe('a flood of strangers', () => {
  it('never closes one whose client certificate was verified', async () => {
    const server = createServer(
      { cert: keyPair.certificate, key: keyPair.key, ca, requestCert: true, rejectUnauthorized: false },
      (_, response) => response.end(),
    )
    limitConnections(server, { most: 5 })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const { certificate: cert, key } = await authority.client({ name: 'api-server' })
    const open = async (options: ConnectionOptions = {}): Promise<TLSSocket> => {
      const socket = connect({ host: '127.0.0.1', port, ca, servername: 'localhost', ...options })
      socket.on('error', () => undefined).resume()
      await Promise.race([once(socket, 'secureConnect'), once(socket, 'close')])
      return socket
    }
    const verified = await open({ cert, key })
    await until('it is known', () => verified.authorized)
    const others = await times(30, open)
    await until('most are closed', () => others.filter(({ destroyed }) => !destroyed).length <= 4)
    assert.equal(verified.destroyed, false)
    for (const socket of [verified, ...others]) socket.destroy()
    server.close()
  })
})

describe('the memory of bodies', () => {
  const opened = (memory: BodyMemory, log: string[], name: string): BodyShare =>
    memory.open({ onRoom: () => log.push(`${name} reads on`), onDropped: () => log.push(`${name} dropped`) })
  it('lets one of those that wait read on at a time, and the others when there is room', () => {
    const log: string[] = []
    const memory = new BodyMemory({ size: 20_000, stallMs: 60_000, withinMs: 60_000 })
    const [a, b, c] = ['a', 'b', 'c'].map(name => opened(memory, log, name)) as [
      BodyShare,
      BodyShare,
      BodyShare,
    ]
    assert.equal(a.grow(7_000), true)
    assert.equal(b.grow(7_000), true)
    assert.equal(b.grow(1_000), true)
    assert.equal(c.grow(1_000), false)
    assert.deepEqual(log, ['b reads on'])
    b.complete()
    assert.deepEqual(log.slice(1), ['c reads on'])
    for (const share of [a, b, c, c]) share.release()
    assert.equal(opened(memory, log, 'd').grow(15_000), true)
  })
})

describe('a body that takes longer than it may', () => {
  it('is given up although nobody waits for its memory, its connection with it, and others are not', async () => {
    const memory = new BodyMemory({ size: 20_000, stallMs: 40, withinMs: 120 })
    const answers: string[] = []
    const receive = (name: string, stream: PassThrough): PassThrough => {
      receiveBody(stream, { memory, mostBytes: 10_000, waitMs: 60_000 }, (error, received) => {
        answers.push(`${name} ${error === null ? received!.body : Reflect.get(error, 'statusCode')}`)
        received?.share.release()
      })
      return stream
    }
    const slow = receive('slow', new PassThrough())
    const trickle = setInterval(() => slow.write('.'), 10)
    for (let i = 0; !slow.destroyed; i++) {
      receive(`quick ${i}`, new PassThrough()).end('body')
      await pause(20)
    }
    clearInterval(trickle)
    assert.equal(answers.filter(answer => answer === 'slow 408').length, 1)
    assert.deepEqual(
      answers.filter(answer => answer !== 'slow 408'),
      Array.from({ length: answers.length - 1 }, (_, i) => `quick ${i} body`),
    )
    assert.ok(answers.length > 3)
  })
})

describe('a body that is received', () => {
  const receiving = (memory: BodyMemory, stream: PassThrough): Promise<string> =>
    new Promise(resolve => {
      receiveBody(stream, { memory, mostBytes: 100_000, waitMs: 150 }, (error, received) =>
        resolve(error === null ? String(received!.body.length) : String(Reflect.get(error, 'statusCode'))),
      )
    })

  it('may bring nothing for a while where nobody waits for its memory', async () => {
    const memory = new BodyMemory({ size: 20_000, stallMs: 20, withinMs: 60_000 })
    const stream = new PassThrough()
    const received = receiving(memory, stream)
    stream.write('a')
    await pause(120)
    stream.end('b')
    assert.equal(await received, '2')
  })

  it('is paused while there is no memory, and has its time again when there is', async () => {
    const memory = new BodyMemory({ size: 30_000, stallMs: 60_000, withinMs: 60_000 })
    const blocking = [1, 2].map(() => memory.open({ onRoom: () => undefined, onDropped: () => undefined }))
    for (const share of blocking) share.grow(15_000)
    const stream = new PassThrough()
    const received = receiving(memory, stream)
    stream.write('a'.repeat(5_000))
    await pause(20)
    assert.equal(stream.isPaused(), true)
    for (const share of blocking) share.release()
    assert.equal(stream.isPaused(), false)
    await pause(250)
    stream.end('b')
    assert.equal(await received, '5001')
  })

  it('gives its memory back when its review is answered', async () => {
    await serving(async port => {
      const large = `${good.slice(0, -1)}${' '.repeat(1_000_000)}}`
      for (let i = 0; i < 12; i++) assert.equal((await post(port, large, { ca })).status, 200)
    })
  })
})

/** A server that knows API servers by their address. */
async function servingKnown(
  use: (port: number, open: (localAddress: string) => Promise<TLSSocket>) => Promise<void>,
  mostConnections = 1_000,
): Promise<void> {
  const server = new AdmissionServer({
    keyPair,
    handle: (body, ms) => answerReview(body, ms, reviewerOf()),
    isKnownAddress: addressesIn('127.0.0.1,10.0.0.0/8'),
    mostConnections,
  })
  const port = await server.listen('127.0.0.1', 0)
  const sockets: TLSSocket[] = []
  try {
    await use(port, async localAddress => {
      const from = net.connect({ host: '127.0.0.1', port, localAddress }).on('error', () => undefined)
      const socket = connect({ socket: from, ca, servername: 'localhost' })
      socket.on('error', () => undefined).resume()
      sockets.push(socket)
      await Promise.race([once(socket, 'secureConnect'), once(socket, 'close')]).catch(() => undefined)
      return socket
    })
  } finally {
    for (const socket of sockets) socket.destroy()
    await server.close()
  }
}

describe('a caller at an address of an API server', () => {
  it('has memory of its own, which bodies of others that go on and on do not take', async () => {
    await servingKnown(async (port, open) => {
      const strangers = await times(16, () => open('127.0.0.2'))
      for (const socket of strangers) socket.write(`${announcing(4_000_000)}${' '.repeat(1_000_000)}`)
      // A byte now and then: such a body does not count as stalled.
      const trickle = setInterval(() => strangers.forEach(socket => socket.write(' ')), 50)
      try {
        for (let i = 0; i < 5; i++) {
          const start = performance.now()
          assert.equal((await post(port, good, { ca })).status, 200)
          assert.ok(performance.now() - start < 1_000)
        }
      } finally {
        clearInterval(trickle)
      }
    })
  })
  it('keeps its idle connection while strangers open more than are kept', async () => {
    await servingKnown(async (_, open) => {
      const known = await open('127.0.0.1')
      const strangers = await times(60, () => open('127.0.0.2'))
      await until('most are closed', () => strangers.filter(({ destroyed }) => !destroyed).length < 10)
      assert.equal(known.destroyed, false)
      // Others of API servers take the places of strangers, and then of each other.
      const more = await times(15, () => open('127.0.0.1'))
      await until('no stranger is left', () => strangers.every(({ destroyed }) => destroyed))
      assert.equal(more.at(-1)!.destroyed, false)
      assert.equal(known.destroyed, true)
      assert.equal((await open('127.0.0.2')).destroyed, true)
    }, 10)
  })
})
