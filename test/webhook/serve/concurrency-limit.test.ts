import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { describe, it } from 'node:test'
import { AdmissionServer } from '../../../webhook/serve/admission-server.ts'
import { answerReview } from '../../../webhook/admission/answer-review.ts'
import { ByteBudget } from '../../../webhook/serve/byte-budget.ts'
import { createAuthority } from '../../cluster/credentials.ts'
import { reviewOf, virtualService } from '../requests.ts'
import { reviewerOf } from '../admission/reviewers.ts'

describe('a byte budget', () => {
  it('admits requests while there are bytes free, and the others in the order in which they came', async () => {
    const budget = new ByteBudget(10)
    const admitted: string[] = []
    const acquire = async (name: string, size: number) => {
      const release = await budget.acquire(size, 60_000)
      admitted.push(name)
      return release!
    }
    const [first, second] = [await acquire('first', 6), acquire('second', 8)]
    const third = acquire('third', 1)
    await new Promise(setImmediate)
    assert.deepEqual(admitted, ['first'])
    first()
    const releases = [await second, await third]
    assert.deepEqual(admitted, ['first', 'second', 'third'])
    for (const release of [...releases, ...releases]) release()
    const all = await acquire('larger than the budget', 100)
    const after = acquire('after it', 1)
    await new Promise(setImmediate)
    assert.deepEqual(admitted.slice(3), ['larger than the budget'])
    all()
    await after
  })
  it('rejects a request that is not admitted in time, and admits those behind it', async () => {
    const budget = new ByteBudget(10)
    await budget.acquire(6, 0)
    const [large, small] = [budget.acquire(8, 1), budget.acquire(2, 60_000)]
    assert.equal(await large, undefined)
    assert.equal(typeof (await small), 'function')
  })
})

interface ServerAddress {
  readonly port: number
  /** The certificate of the server's authority. */
  readonly ca: string
}

/** Sends a review of 3 MB to the server. */
function sendLarge(
  { port, ca }: ServerAddress,
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
  it('are judged one after the other if they are large, and rejected with 429 if they wait too long', async () => {
    const authority = await createAuthority()
    const { promise: held, resolve: release } = Promise.withResolvers<void>()
    let atOnce = 0
    let overloads = 0
    const server = new AdmissionServer({
      keyPair: await authority.server(['localhost', '127.0.0.1']),
      onOverload: () => overloads++,
      handle: async (review, ms) => {
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
      assert.deepEqual([atOnce, overloads], [1, 1])
      release()
      assert.deepEqual([(await first).status, (await second).status, atOnce], [200, 200, 2])
    } finally {
      release()
      await server.close()
    }
  })
})

describe('a request without a body', () => {
  it('uses hardly any of the budget', async () => {
    const authority = await createAuthority()
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>()
    const { promise: held, resolve: release } = Promise.withResolvers<undefined>()
    const server = new AdmissionServer({
      keyPair: await authority.server(['localhost', '127.0.0.1']),
      onOverload: () => assert.fail(),
      handle: () => {
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
