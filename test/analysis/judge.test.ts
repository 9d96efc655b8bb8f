import assert from 'node:assert/strict'
import { it } from 'node:test'
import { judge } from '../../shared/analysis/judge.ts'
import type { MetricCheck } from '../../shared/analysis/check-result.ts'
import type { DurationSample, Measurement, RequestSample } from '../../shared/analysis/measurement.ts'
import { parseMetric } from '../../shared/analysis/parse-metric.ts'
import { fc } from '../properties.ts'

const settings = { minRequests: 50, confidence: 0.95 }
const success = parseMetric('request-success-rate:min=99:1m')
const duration = parseMetric('request-duration:max=500:30s')

/** Failures of requests. */
type Counts = `${number}/${number}`
const sample = (counts: Counts): RequestSample => {
  const [failures = 0, requests = 0] = counts.split('/').map(Number)
  return { requests, failures }
}
const requests = (version: Counts, stable?: Counts, whole?: readonly [Counts, Counts]): Measurement => ({
  kind: 'requests',
  windows: [
    { seconds: 60, pairs: [pair(version, stable)] },
    ...(whole === undefined ? [] : [{ seconds: 300, pairs: [pair(...whole)] }]),
  ],
})
const pair = (version: Counts, stable?: Counts) => ({
  countedBy: 'clients' as const,
  version: sample(version),
  ...(stable !== undefined && { stable: sample(stable) }),
})
const judged = (measurement: Measurement, metric = success): MetricCheck =>
  judge(metric, measurement, settings)
const verdict = (result: MetricCheck): string => `${result.verdict} ${result.reason}`

const bounds = [10, 25, 50, 100, 250, 500, 1000, Infinity]
/** How many lie in each bucket. */
const histogram = (...counts: readonly number[]): DurationSample => ({
  buckets: bounds.map((le, i) => ({
    le,
    count: counts.slice(0, i + 1).reduce((sum, count) => sum + count, 0),
  })),
})
const durations = (version: DurationSample, stable?: DurationSample): Measurement => ({
  kind: 'durations',
  windows: [
    {
      seconds: 30,
      pairs: [{ countedBy: 'clients', version, ...(stable !== undefined && { stable }) }],
    },
  ],
})

it('the success of requests passes in its range, and says all that the verdict rests on', () => {
  assert.deepEqual(judged(requests('1/600', '5/5400')), {
    metric: 'request-success-rate',
    verdict: 'pass',
    reason: 'in-range',
    min: 99,
    value: 99.8333333,
    baseline: 99.9074074,
    countedBy: 'clients',
    window: 60,
    requests: { version: 600, stable: 5400 },
    comparison: judged(requests('1/600', '5/5400')).comparison,
  })
  const { ratio = 0, low = 0, high = 0, confidence } = judged(requests('1/600', '5/5400')).comparison!
  assert.ok(low < ratio && ratio < high && confidence === 0.95 && Math.abs(ratio - 1.8) < 1e-9)
})

it('the success of requests fails where it is surely out of the range', () => {
  assert.equal(verdict(judged(requests('30/600', '5/5400'))), 'fail below-min')
  assert.equal(verdict(judged(requests('30/600'))), 'fail below-min')
})

it('the success of requests fails in the range where it is surely worse than stable', () => {
  assert.equal(verdict(judged(requests('30/6000', '5/5400'))), 'fail worse-than-stable')
})

it('the success of requests does not decide on one error of 60, whatever the limit is', () => {
  assert.equal(verdict(judged(requests('1/60', '0/5400'))), 'no-data inconclusive')
  assert.equal(verdict(judged(requests('0/60', '0/5400'))), 'pass in-range')
})

it('the success of requests is decided by the whole step where the last minute does not decide', () => {
  const suspected: Counts = '1/60'
  assert.equal(verdict(judged(requests(suspected, '0/5400', ['1/300', '1/27000']))), 'no-data inconclusive')
  const passed = judged(requests(suspected, '3/5400', ['1/600', '30/54000']))
  assert.deepEqual([verdict(passed), passed.window], ['pass in-range', 300])
  assert.equal(verdict(judged(requests(suspected, '3/5400', ['12/300', '30/27000']))), 'fail below-min')
  // What happens now counts, where it decides.
  assert.equal(verdict(judged(requests('0/600', '0/5400', ['60/1200', '0/9000']))), 'pass in-range')
})

it('the success of requests is no fault of the version where stable is as bad', () => {
  assert.equal(verdict(judged(requests('30/600', '270/5400'))), 'no-data stable-out-of-range')
  assert.equal(verdict(judged(requests('120/600', '270/5400'))), 'fail below-min')
  assert.equal(verdict(judged(requests('0/600', '270/5400'))), 'pass in-range')
})

it('the success of requests fails as stable does where it is not compared with it', () => {
  const alone = parseMetric('request-success-rate:min=99:no-baseline')
  const result = judged(requests('30/600', '270/5400'), alone)
  assert.equal(verdict(result), 'fail below-min')
  assert.deepEqual([result.baseline, result.comparison], [undefined, undefined])
})

it('the success of requests is not judged on few requests, unless they prove a failure', () => {
  assert.equal(verdict(judged(requests('0/49', '0/5400'))), 'no-data too-few-requests')
  assert.equal(verdict(judged(requests('5/20', '0/5400'))), 'no-data too-few-requests')
  assert.equal(verdict(judged(requests('20/20', '0/5400'))), 'fail below-min')
  assert.equal(verdict(judged(requests('20/20', '5400/5400'))), 'no-data stable-out-of-range')
  assert.equal(verdict(judged(requests('0/0', '0/5400'))), 'no-data too-few-requests')
  assert.equal(judged(requests('0/0', '0/5400')).value, undefined)
})

it('the success of requests does not fail on a difference that does not matter, however sure it is', () => {
  assert.equal(verdict(judged(requests('3500/1000000', '4000/2000000'))), 'fail worse-than-stable')
  assert.equal(verdict(judged(requests('2900/1000000', '4000/2000000'))), 'pass in-range')
  // A tenth more often is sure, and does not matter.
  assert.equal(verdict(judged(requests('8800/1000000', '16000/2000000'))), 'pass in-range')
})

it('the success of requests is the worse of what clients and pods saw', () => {
  const measurement: Measurement = {
    kind: 'requests',
    windows: [
      {
        seconds: 60,
        pairs: [
          { ...pair('0/580', '0/5400'), countedBy: 'pods' },
          {
            countedBy: 'clients',
            version: { requests: 600, failures: 20, noPod: 20 },
            stable: sample('0/5400'),
          },
        ],
      },
    ],
  }
  const result = judged(measurement)
  assert.deepEqual([verdict(result), result.countedBy], ['fail below-min', 'clients'])
  assert.match(result.detail ?? '', /20 of the failures reached no pod/)
})

it('the success of requests never gets better by a further failure', () => {
  const rank = ['fail', 'no-data', 'pass']
  const sizes = fc.record({ n: fc.integer({ min: 50, max: 5000 }), m: fc.integer({ min: 50, max: 20_000 }) })
  fc.assert(
    fc.property(sizes, fc.nat(49), fc.nat(40), ({ n, m }, failures, theirs) => {
      const stable: Counts = `${theirs}/${m}`
      const [before, after] = [failures, failures + 1].map(count => judged(requests(`${count}/${n}`, stable)))
      assert.ok(rank.indexOf(after!.verdict) <= rank.indexOf(before!.verdict), verdict(after!))
    }),
  )
})

it('the success of requests never fails where both have the same part of failures within the range', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 50, max: 5000 }),
      fc.nat(50),
      fc.integer({ min: 1, max: 20 }),
      (n, x, times) => {
        const failures = Math.min(x, Math.floor(n / 100))
        assert.equal(judged(requests(`${failures}/${n}`, `${failures * times}/${n * times}`)).verdict, 'pass')
      },
    ),
  )
})

const usual = histogram(100, 500, 300, 80, 20, 0, 0, 0)

it('durations pass in their range, and say the quantile of both', () => {
  const result = judged(durations(usual, usual), duration)
  assert.equal(verdict(result), 'pass in-range')
  assert.deepEqual([result.value, result.baseline, result.comparison?.pValue], [175, 175, 1])
})

it('durations fail where too many are surely above the limit', () => {
  const slow = histogram(100, 500, 300, 80, 0, 0, 20, 0)
  assert.equal(verdict(judged(durations(slow, usual), duration)), 'fail above-max')
  assert.equal(verdict(judged(durations(slow), duration)), 'fail above-max')
  assert.equal(verdict(judged(durations(slow, slow), duration)), 'no-data stable-out-of-range')
})

it('durations do not fail on a few slow requests that may be chance', () => {
  const few = histogram(20, 100, 60, 18, 0, 0, 3, 0)
  assert.equal(verdict(judged(durations(few), duration)), 'no-data inconclusive')
})

it('durations fail within the limit where they are surely and relevantly longer than stable’s', () => {
  const longer = histogram(10, 60, 40, 60, 30, 0, 0, 0)
  assert.equal(verdict(judged(durations(longer, usual), duration)), 'fail worse-than-stable')
})

it('durations do not fail on what is sure and does not matter', () => {
  const [one, other] = [histogram(0, 900_000, 100_000, 0), histogram(0, 910_000, 90_000, 0)]
  const result = judged(durations(one, other), duration)
  assert.ok(result.comparison!.pValue! < 1e-6)
  assert.equal(verdict(result), 'pass in-range')
})

it('durations without a range are compared alone, and not judged where there is nothing to compare with', () => {
  const metric = parseMetric('request-duration')
  assert.equal(verdict(judged(durations(usual, usual), metric)), 'pass in-range')
  assert.equal(verdict(judged(durations(usual), metric)), 'no-data too-few-requests')
  const alone = { ...durations(usual), isAlone: true } as Measurement
  assert.equal(verdict(judge(metric, alone, settings)), 'pass in-range')
})

it('durations have a limit within a bucket as histogram_quantile has it', () => {
  const all = histogram(0, 0, 0, 0, 0, 100, 0, 0)
  const within = (max: number) => judged(durations(all), parseMetric(`request-duration:max=${max}`)).verdict
  assert.deepEqual([within(300), within(499), within(500)], ['fail', 'pass', 'pass'])
})

const query = {
  name: 'queue',
  source: { kind: 'query', query: 'q' },
  max: 10,
  window: 60,
  comparesWithStable: true,
} as const
it('a number, an answer, and nothing are judged as they are', () => {
  for (const [measurement, expected] of [
    [{ kind: 'value', value: 10 }, 'pass in-range'],
    [{ kind: 'value', value: 10.1 }, 'fail above-max'],
    [{ kind: 'value', value: 12, baseline: 9 }, 'fail above-max'],
    [{ kind: 'value', value: 12, baseline: 11 }, 'no-data stable-out-of-range'],
    [{ kind: 'value', value: 20, baseline: 11 }, 'fail above-max'],
    [{ kind: 'answer', passed: true }, 'pass check-passed'],
    [{ kind: 'answer', passed: false, detail: 'it answers 500' }, 'fail check-failed'],
    [{ kind: 'nothing' }, 'no-data no-series'],
    [{ kind: 'failed', detail: 'connect ECONNREFUSED' }, 'no-data source-failed'],
    [{ kind: 'requests', windows: [] }, 'no-data no-series'],
    [{ kind: 'requests', windows: [{ seconds: 60, pairs: [] }] }, 'no-data no-series'],
  ] as const)
    assert.equal(verdict(judged(measurement, query)), expected)
})

it('a number, an answer, and nothing carry what the source said', () => {
  const failed = judged({ kind: 'failed', detail: 'connect ECONNREFUSED', warnings: ['partial data'] }, query)
  assert.equal(failed.detail, 'connect ECONNREFUSED; partial data')
})

it('what is small at each step is certain over all of them, and the step that finds it says so', () => {
  const step = requests('2/340', '6/3060')
  const passed = judged(step)
  assert.equal(verdict(passed), 'pass in-range')
  const after = (steps: number) =>
    judge(success, step, { ...settings, earlier: Array.from({ length: steps }, () => passed) })
  assert.deepEqual(after(0), passed)
  assert.equal(verdict(after(1)), 'no-data inconclusive')
  const found = after(7)
  assert.equal(verdict(found), 'fail worse-than-stable')
  assert.match(found.detail ?? '', /over all steps 16 of 2720 requests failed, and 5\.3 at stable's rate/)
})

it('steps before say nothing of another metric, of other proxies, or where stable was as bad', () => {
  const [few, many] = [judged(requests('0/340', '1/3060')), judged(requests('30/3000', '300/30000'))]
  const passed = { ...judged(requests('3/340', '3/3060')), verdict: 'pass', reason: 'in-range' } as const
  const others: readonly MetricCheck[] = [
    { ...passed, metric: 'another' },
    { ...passed, countedBy: 'pods' },
    { ...passed, verdict: 'fail' },
  ]
  const now = requests('0/340', '1/3060')
  assert.deepEqual(judge(success, now, { ...settings, earlier: others }), few)
  assert.equal(verdict(judge(success, now, { ...settings, earlier: [many, many] })), 'pass in-range')
  const alone = parseMetric('request-success-rate:min=99:no-baseline')
  assert.equal(
    verdict(judge(alone, now, { ...settings, earlier: [passed, passed, passed] })),
    'pass in-range',
  )
})
