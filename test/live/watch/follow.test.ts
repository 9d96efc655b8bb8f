import assert from 'node:assert/strict'
import test from 'node:test'
import { followLists } from '../../../shared/live/watch/follow.ts'
import type { Ask, StreamedResponse } from '../../../shared/live/watch/stream/requester.ts'
import type { Timers } from '../../../shared/live/watch/stream/timers.ts'

const list = { path: '/api/v1/services', query: { labelSelector: 'a=b' }, version: '5' }

const event = (type: string, version: string): string =>
  `${JSON.stringify({ type, object: { kind: 'Service', metadata: { name: 'x', resourceVersion: version } } })}\n`
const expired = `${JSON.stringify({ type: 'ERROR', object: { code: 410, reason: 'Expired', message: 'too old' } })}\n`

type Answer = { readonly status?: number; readonly lines?: readonly string[]; readonly breaks?: boolean }

/** Follows a list of which each question gets the next answer; after the last the line stays silent. */
async function followed(...answers: readonly Answer[]) {
  const ended = new AbortController()
  const asked: string[] = []
  const told = { changes: 0, refused: 0 }
  const waits: number[] = []
  const { promise: done, resolve } = Promise.withResolvers<void>()
  const request = async ({ path, query }: Ask): Promise<StreamedResponse> => {
    const answer = answers[asked.length]
    asked.push(`${path}?${new URLSearchParams(query).toString()}`)
    if (answer === undefined) {
      resolve()
      return new Promise(() => undefined)
    }
    return {
      status: answer.status ?? 200,
      body: (async function* () {
        for (const line of answer.lines ?? []) yield Buffer.from(line)
        if (answer.breaks) throw new Error('the line broke')
      })(),
    }
  }
  const timers: Timers = {
    now: () => 0,
    elapsed: () => 0,
    random: () => 0,
    // Waits are over at once; how long a line may be silent is not waited for.
    after: (ms, callback) => {
      if (ms >= 100_000) return () => undefined
      waits.push(ms)
      const timer = setImmediate(callback)
      return () => clearImmediate(timer)
    },
  }
  followLists({ request }, [list], {
    onChange: () => told.changes++,
    onRefused: () => {
      told.refused++
      resolve()
    },
    signal: ended.signal,
    timers,
  })
  await done
  ended.abort()
  const watches = asked.map(url => /resourceVersion=(\w+)/.exec(url)?.[1] ?? 'list')
  return { asked, told, waits, watches }
}

test('a list is watched from its version on, with its selectors, and each event but a bookmark is told', async () => {
  const { asked, told } = await followed({
    lines: [event('ADDED', '6'), event('BOOKMARK', '7'), event('DELETED', '8')],
  })
  assert.match(asked[0]!, /^\/api\/v1\/services\?labelSelector=a%3Db&watch=1&.*resourceVersion=5$/)
  assert.equal(told.changes, 2)
})

test('a watch that breaks goes on where it was, after waits that grow until something is told', async () => {
  const { watches, waits, told } = await followed(
    { lines: [event('MODIFIED', '6')], breaks: true },
    { status: 503 },
    { status: 503 },
    { lines: [event('BOOKMARK', '9')], breaks: true },
  )
  assert.deepEqual(watches, ['5', '6', '6', '6', '9'])
  assert.equal(told.changes, 1)
  const [first = 0, second = 0, third = 0, fourth = 0] = waits
  assert.ok(first < second && second < third, String(waits))
  assert.equal(fourth, first)
})

test('where its version is gone, it goes on from the newest, and a change may have been missed', async () => {
  const page = JSON.stringify({ items: [], metadata: { resourceVersion: '40' } })
  for (const gone of [{ lines: [expired] }, { status: 410 }]) {
    const { watches, told } = await followed(gone, { lines: [page] })
    assert.deepEqual(watches, ['5', 'list', '40'])
    assert.equal(told.changes, 1)
  }
})

test('a list that may be read and not watched is said, once', async () => {
  for (const status of [401, 403]) {
    const { watches, told } = await followed({ status })
    assert.deepEqual([watches, told], [['5'], { changes: 0, refused: 1 }])
  }
})
