import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { judge } from '../../shared/analysis/judge.ts'
import { parseMetric } from '../../shared/analysis/parse-metric.ts'
import { beginOf, recordedService } from '../../shared/analysis/recorded/recorded-service.ts'
import { parseRecording, RecordingError } from '../../shared/analysis/recorded/recording.ts'

const lines = (...objects: readonly unknown[]): string =>
  objects.map(object => (typeof object === 'string' ? object : JSON.stringify(object))).join('\n')

const v2 = { time: 60, version: 'v2', requests: 100, failures: 1 }
const later = { time: 120, version: 'v1', requests: 900 }

const whole = lines({ ...v2, buckets: { 100: 90, '+Inf': 100 } }, '', {
  time: '1970-01-01T00:02:00Z',
  version: 'v1',
  requests: 900,
  buckets: { 100: 800.5, '+Inf': 900 },
})
const parts = lines(
  { time: 120, version: 'v1', buckets: { '+Inf': 900 } },
  { time: 60, version: 'v2', failures: 1 },
  { time: 60, version: 'v2', buckets: { '+Inf': 100, '1e2': 90 } },
  { time: 120, version: 'v1', buckets: { 100: 800.5 }, requests: 900 },
  { time: 60, version: 'v2', requests: 100 },
)

test('a recording adds the lines of one time and version, in whatever order they are', () => {
  const { ticks, ...rest } = parseRecording(whole)
  assert.deepEqual(rest, { interval: 60, versions: ['v1', 'v2'], hasDurations: true })
  const bucketsOf = (count: number, all: number) => [
    { le: 100, count },
    { le: Infinity, count: all },
  ]
  assert.deepEqual(ticks, [
    { at: 60_000, counts: new Map([['v2', { requests: 100, failures: 1, buckets: bucketsOf(90, 100) }]]) },
    {
      at: 120_000,
      counts: new Map([['v1', { requests: 900, failures: 0, buckets: bucketsOf(800.5, 900) }]]),
    },
  ])
  assert.deepEqual(parseRecording(parts), parseRecording(whole))
  assert.equal(beginOf(parseRecording(whole)), 0)
})

const buckets = (some: object, more: object = {}) => ({ ...later, ...more, buckets: some })
const wrong: readonly (readonly [text: string, line: number, message: RegExp])[] = [
  ['', 1, /there is no line/],
  [lines(v2), 1, /one time alone/],
  [lines(v2, '{'), 2, /not JSON/],
  [lines(v2, '[]'), 2, /not a JSON object/],
  [lines(v2, 'null'), 2, /not a JSON object/],
  [lines(v2, '', { ...later, request: 1 }), 3, /"request" is none of time, version, requests/],
  [lines(v2, { version: 'v1' }), 2, /its time is neither/],
  [lines(v2, { ...later, time: 'yesterday' }), 2, /its time is neither/],
  [lines(v2, { ...later, time: '2026' }), 2, /its time is neither/],
  [lines(v2, { ...later, time: 1e300 }), 2, /its time is neither/],
  [lines(v2, { time: 120 }), 2, /no version/],
  [lines(v2, { ...later, version: '' }), 2, /no version/],
  [lines(v2, { ...later, requests: -1 }), 2, /requests is not a number/],
  [lines(v2, { ...later, failures: '1' }), 2, /failures is not a number/],
  [lines(v2, { ...later, failures: 901 }), 2, /901 failures of 900 requests/],
  [lines(v2, later, v2), 3, /requests of the same time and version is in a line from 1 on/],
  [lines(v2, buckets([])), 2, /buckets is not an object/],
  [lines(v2, buckets({ fast: 1, '+Inf': 1 })), 2, /the bound "fast"/],
  [lines(v2, buckets({ '': 1, '+Inf': 1 })), 2, /the bound ""/],
  [lines(v2, buckets({ 5: null, '+Inf': 1 })), 2, /the bucket 5 is not a number/],
  [lines(v2, buckets({ 5: 1 })), 2, /the bucket \+Inf .* is missing/],
  [lines(v2, buckets({ 5: 2, '+Inf': 1 })), 2, /the bucket Infinity counts less than the one of 5/],
  [
    lines(buckets({ '+Inf': 1 }), buckets({ 5: 1, '+Inf': 1 }, { time: 180 })),
    2,
    /other bounds than those of line 1/,
  ],
  [
    lines(buckets({ '+Inf': 1 }), { ...buckets({ '+Inf': 1 }), requests: undefined }),
    2,
    /the bucket \+Inf of the same/,
  ],
]
describe('a recording that does not fit', () => {
  for (const [text, line, message] of wrong)
    test(`${JSON.stringify(text.slice(0, 120))} is refused with its line`, () => {
      assert.throws(
        () => parseRecording(text),
        (error: unknown) =>
          error instanceof RecordingError && error.line === line && message.test(error.message),
      )
    })
})

/** Ten minutes with 100 requests of each version per minute, of which those of v2 fail from the fifth on. */
const recording = parseRecording(
  lines(
    ...Array.from({ length: 10 }, (_, i) => [
      JSON.stringify({ time: (i + 1) * 60, version: 'v1', requests: 100.2 }),
      JSON.stringify({ time: (i + 1) * 60, version: 'v2', requests: 100.2, failures: i < 4 ? 0 : 30.4 }),
    ]).flat(),
  ),
)
const metric = parseMetric('request-success-rate:min=99:1m')
const settings = { minRequests: 50, confidence: 0.95 }

describe('a service under recorded traffic', () => {
  const played = (second: number, since = 0, share = 10) => {
    const service = recordedService(recording, { version: 'v2', stable: 'v1' })
    service.advance(second, share)
    return judge(metric, service.measurement(metric, since), settings)
  }

  test('is judged by what was counted until then, in whole requests, and not before the step', () => {
    const good = played(240, 120)
    assert.deepEqual([good.verdict, good.requests, good.window], ['pass', { version: 200, stable: 200 }, 120])
    const bad = played(420, 300)
    assert.deepEqual([bad.verdict, bad.value, bad.baseline], ['fail', 69.5, 100])
  })

  test('has requests right up to a time, and none of after it', () => {
    assert.deepEqual([played(299.9, 179.9).value, played(300, 180).value], [100, 85])
  })

  test('says where the version gets everything, so that there is nothing to compare with', () => {
    const service = recordedService(recording, { version: 'v2', stable: 'v1' })
    for (const [share, isAlone] of [
      [99, false],
      [100, true],
    ] as const) {
      service.advance(240, share)
      const measured = service.measurement(metric, 120)
      assert.equal('isAlone' in measured && measured.isAlone, isAlone)
    }
  })

  test('has no data after its last interval', () => {
    assert.equal(played(660, 500).reason, 'below-min')
    const over = played(661, 500)
    assert.deepEqual(
      [over.reason, over.detail],
      ['no-series', 'the recording ends at 1970-01-01T00:10:00.000Z'],
    )
  })
})
