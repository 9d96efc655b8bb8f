import assert from 'node:assert/strict'
import test from 'node:test'
import { Backoff } from '../../../shared/live/watch/backoff.ts'
import { pause, type Timers } from '../../../shared/live/watch/stream/timers.ts'

const timers = (random: number): Timers => ({
  now: () => 0,
  elapsed: () => 0,
  random: () => random,
  after: () => () => {},
})
const limits = { first: 500, longest: 30_000 }
const waits = (backoff: Backoff, count: number): readonly number[] =>
  Array.from({ length: count }, () => backoff.next())

test('waits double up to the longest', () => {
  assert.deepEqual(
    waits(new Backoff(timers(1), limits), 9),
    [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000],
  )
})

test('waits are spread over their upper half', () => {
  assert.deepEqual(waits(new Backoff(timers(0), limits), 3), [250, 500, 1000])
})

test('progress, and only that, makes waits short again', () => {
  const backoff = new Backoff(timers(1), limits)
  waits(backoff, 5)
  assert.equal(backoff.next(), 16_000)
  backoff.reset()
  assert.equal(backoff.next(), 500)
})

test('waits at least as long as the server asks', () => {
  const backoff = new Backoff(timers(1), limits)
  assert.deepEqual([backoff.next(7000), backoff.next(1)], [7000, 1000])
})

test('a thousand failures do not overflow the wait', () => {
  assert.equal(waits(new Backoff(timers(1), limits), 1000).at(-1), 30_000)
})

test('a pause ends with its signal and cancels its timer', async () => {
  const ended = new AbortController()
  let isCancelled = false
  const paused = pause({ ...timers(0), after: () => () => void (isCancelled = true) }, 1000, ended.signal)
  ended.abort()
  await paused
  await pause(timers(0), 1000, ended.signal)
  assert.equal(isCancelled, true)
})
