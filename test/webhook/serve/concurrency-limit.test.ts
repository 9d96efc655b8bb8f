import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { describe, it } from 'node:test'
import { AdmissionServer } from '../../../webhook/serve/admission-server.ts'
import { answerReview } from '../../../webhook/admission/answer-review.ts'
import { Room } from '../../../webhook/serve/byte-budget.ts'
import { createAuthority } from '../../cluster/credentials.ts'
import { reviewOf, virtualService } from '../requests.ts'
import { reviewerOf } from '../admission/reviewers.ts'

describe('a room', () => {
  it('takes in as many as there is room for, and the others as they came', async () => {
    const room = new Room(10)
    const entered: string[] = []
    const enter = async (name: string, size: number) => {
      const leave = await room.enter(size, 60_000)
      entered.push(name)
      return leave!
    }
    const [first, second] = [await enter('first', 6), enter('second', 8)]
    const third = enter('third', 1)
    await new Promise(setImmediate)
    assert.deepEqual(entered, ['first'])
    first()
    const leaves = [await second, await third]
    assert.deepEqual(entered, ['first', 'second', 'third'])
    for (const leave of [...leaves, ...leaves]) leave()
    const all = await enter('larger than the room', 100)
    const after = enter('after it', 1)
    await new Promise(setImmediate)
    assert.deepEqual(entered.slice(3), ['larger than the room'])
    all()
    await after
  })
  it('sends away who finds none in time, and lets those behind in', async () => {
    const room = new Room(10)
    await room.enter(6, 0)
    const [large, small] = [room.enter(8, 1), room.enter(2, 60_000)]
    assert.equal(await large, undefined)
    assert.equal(typeof (await small), 'function')
  })
})

interface Target {
  readonly port: number
  /** The certificate of the server's authority. */
  readonly ca: string
}

/** Sends a review of 3 MB to the server. */
function sendLarge(
  { port, ca }: Target,
  timeout: string,
): Promise<{ readonly status: number | undefined; readonly retryAfter: string | undefined }> {
  const body = Buffer.alloc(3 * 1024 * 1024, ' ')
  body.write(JSON.stringify(reviewOf({ after: virtualService({ v1: 90, v2: 10 }) })))
  const path = `/validate?timeout=${timeout}`
  return new Promise((resolve, reject) => {
    request(
      { host: '127.0.0.1', port, path, method: 'POST', ca, servername: 'localhost', agent: false },
      response => {
        response.resume()
        resolve({ status: response.statusCode, retryAfter: response.headers['retry-after'] })
      },
    )
      .on('error', reject)
      .end(body)
  })
}

describe('reviews that come all at once', () => {
  it('are judged one after the other where they are large, and sent away to come again where that takes too long', async () => {
    const authority = await createAuthority()
    const { promise: held, resolve: release } = Promise.withResolvers<void>()
    let atOnce = 0
    let crowded = 0
    const server = new AdmissionServer({
      keyPair: await authority.server(['localhost', '127.0.0.1']),
      onCrowded: () => crowded++,
      answer: async (review, ms) => {
        atOnce++
        await held
        return answerReview(review, ms, reviewerOf())
      },
    })
    const target = { port: await server.listen('127.0.0.1', 0), ca: authority.certificate }
    const send = (timeout: string): ReturnType<typeof sendLarge> => sendLarge(target, timeout)
    try {
      const first = send('30s')
      while (atOnce === 0) await new Promise(setImmediate)
      const second = send('30s')
      assert.deepEqual(await send('100ms').catch(() => 'reset'), { status: 429, retryAfter: '1' })
      assert.deepEqual([atOnce, crowded], [1, 1])
      release()
      assert.deepEqual([(await first).status, (await second).status, atOnce], [200, 200, 2])
    } finally {
      release()
      await server.close()
    }
  })
})

describe('a request without a body', () => {
  it('needs next to no room', async () => {
    const authority = await createAuthority()
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>()
    const { promise: held, resolve: release } = Promise.withResolvers<undefined>()
    const server = new AdmissionServer({
      keyPair: await authority.server(['localhost', '127.0.0.1']),
      onCrowded: () => assert.fail(),
      answer: () => {
        ask()
        return held
      },
    })
    const options = {
      host: '127.0.0.1',
      port: await server.listen('127.0.0.1', 0),
      ca: authority.certificate,
      servername: 'localhost',
      agent: false,
    }
    try {
      const review = request({ ...options, method: 'POST', path: '/validate?timeout=30s' }).end(
        Buffer.alloc(1024 * 1024, ' '),
      )
      await asked
      const [answer] = (await once(
        request({ ...options, path: '/validate?timeout=1s' }).end(),
        'response',
      )) as [IncomingMessage]
      assert.equal(answer.resume().statusCode, 404)
      release(undefined)
      const [last] = (await once(review, 'response')) as [IncomingMessage]
      assert.equal(last.resume().statusCode, 400)
    } finally {
      release(undefined)
      await server.close()
    }
  })
})
