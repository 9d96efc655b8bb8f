import assert from 'node:assert/strict'
import test from 'node:test'
import { parseDuration } from '../../../shared/objects/text/parse-duration.ts'

const none = (count: number): readonly undefined[] => Array.from({ length: count }, () => undefined)

test('reads durations as Go does', () => {
  assert.deepEqual(
    ['90s', '1h30m', '0.5h', '250ms', '1.5s', '.5s', '1.s', '5us', '5µs', '5μs', '0'].map(text =>
      parseDuration(text),
    ),
    [90_000, 5_400_000, 1_800_000, 250, 1500, 500, 1000, 0.005, 0.005, 0.005, 0],
  )
  assert.deepEqual(
    ['+2s', '-2s', '-0'].map(text => parseDuration(text)),
    [2000, -2000, 0],
  )
})

test('reads nothing else, and no more than Go can hold', () => {
  const others = [
    '',
    '2',
    '2.5',
    'd',
    '2 s',
    '2d',
    '2y',
    '1s 2s',
    '--1s',
    '1e3s',
    '.s',
    '1.2.3s',
    '1S',
    '2toString',
  ]
  assert.deepEqual(
    others.map(text => parseDuration(text)),
    none(others.length),
  )
  assert.deepEqual(
    ['2562047h', '2562048h', '99999999999999999h'].map(text => parseDuration(text)),
    [2562047 * 3_600_000, undefined, undefined],
  )
})

test('reads more units where they are given', () => {
  const days = { d: 86_400_000, w: 604_800_000 }
  assert.deepEqual(
    ['2d', '1w', '1d12h', '-2d', '2 d', '2y'].map(text => parseDuration(text, days)),
    [172_800_000, 604_800_000, 129_600_000, -172_800_000, undefined, undefined],
  )
})

test('takes no longer for a long text', () => {
  const started = performance.now()
  assert.equal(parseDuration(`${'1'.repeat(100_000)}x`), undefined)
  assert.equal(parseDuration(`${'1s'.repeat(50_000)}!`), undefined)
  assert.ok(performance.now() - started < 1000)
})
