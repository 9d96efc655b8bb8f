import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { JobBench } from '../../../../plugin/run/job-metric.ts'
import { measureRun, needsPrometheus, type Instruments } from '../../../../plugin/run/measuring.ts'
import { metricOf, type MetricFields } from '../../../../shared/analysis/metric-fields.ts'
import type { MeasuredService } from '../../../../shared/metrics/assemble.ts'
import { CanaryError } from '../../../../shared/objects/canary-error.ts'
import type { RolloutRecord } from '../../../../shared/rollout/rollout-record.ts'
import { entered } from '../../../../shared/rollout/rollout-state.ts'
import type { ServerRequest } from '../../../../shared/view/store.ts'
import { madeUpPrometheus, type MadeUpSeries } from '../../../analysis/made-up-prometheus.ts'
import { measuredService, versionRead } from '../../../metrics/measured-service.ts'
import { judgeServer } from '../judge-server.ts'
import { begun } from '../scripted-run.ts'

const began = Date.parse(begun.started)
const at = (seconds: number): string => new Date(began + seconds * 1000).toISOString()
const template = { spec: { template: { spec: { containers: [{ name: 'a', image: 'a' }] } } } }
const [query, pods] = [{ name: 'queue', query: 'queue[{{ interval }}]', max: 5 }, { name: 'pod-failures' }]
const job = { name: 'smoke', job: template } as MetricFields

const recordOf = (metrics: readonly MetricFields[], own: Partial<RolloutRecord> = {}): RolloutRecord => ({
  ...begun,
  plan: { ...begun.plan, metrics: metrics.map(metricOf) },
  state: entered(begun.state, at(0), undefined),
  ...own,
})

interface World {
  readonly series?: MadeUpSeries
  /** What the finder gives in place of a server. */
  readonly found?: object | undefined
  readonly own?: Partial<Instruments>
  readonly reading?: MeasuredService
}

/** One check of a run, ten minutes after its step began; what was asked of Prometheus, and how often it was forgotten. */
async function measured(
  record: RolloutRecord,
  { series = {}, own, reading = measuredService('catalog'), ...world }: World = {},
) {
  const { client, asked } = madeUpPrometheus(series)
  let forgotten = 0
  const finder = {
    choose: async () => ('found' in world ? world.found : { client, scrapeInterval: { seconds: 15 } }),
    forget: () => void forgotten++,
  } as unknown as Instruments['finder']
  const instruments: Instruments = {
    finder,
    ask: undefined,
    bench: undefined,
    env: {},
    signal: new AbortController().signal,
    now: () => new Date(began + 600_000),
    ...own,
  }
  const results = await measureRun(instruments, reading, record)
  return { results, asked, forgotten }
}

/** An API server with pods and events by namespace, and the requests that were made of it. */
function apiServer(itemsOf: (plural: string, namespace: string) => readonly object[] | number) {
  const requests: ServerRequest[] = []
  const ask: Instruments['ask'] = async request => {
    requests.push(request)
    const [, namespace, plural] = /namespaces\/([^/]+)\/(\w+)$/.exec(request.path)!
    const items = itemsOf(plural!, namespace!)
    return typeof items === 'number'
      ? { status: items, headers: {}, text: '' }
      : { status: 200, headers: {}, text: JSON.stringify({ items }) }
  }
  return { ask, requests }
}

/** A pod of a version, one of whose containers was killed so many seconds after the step began. */
const killed = (version: string, seconds: number, namespace = 'shop') => ({
  metadata: { name: `${version}-${seconds}`, namespace, labels: { app: 'catalog', version } },
  status: {
    containerStatuses: [
      {
        name: 'app',
        restartCount: 1,
        lastState: { terminated: { reason: 'OOMKilled', exitCode: 137, finishedAt: at(seconds) } },
      },
    ],
  },
})

describe('the results of a check', () => {
  test('are those of its metrics, in their order, from wherever each comes', async () => {
    const judge = await judgeServer(path => (path === '/no' ? 500 : 200))
    try {
      const { ask } = apiServer(plural => (plural === 'pods' ? [killed('v2', 5)] : []))
      const { results } = await measured(
        recordOf([
          { name: 'no', webhook: `${judge.url}/no` },
          pods,
          query,
          job,
          { name: 'yes', webhook: `${judge.url}/yes` },
        ]),
        { own: { ask } },
      )
      assert.deepEqual(
        results.map(({ metric, verdict, reason }) => [metric, verdict, reason]),
        [
          ['no', 'fail', 'check-failed'],
          ['pod-failures', 'fail', 'above-max'],
          ['queue', 'pass', results[2]!.reason],
          ['smoke', 'no-data', 'source-failed'],
          ['yes', 'pass', 'check-passed'],
        ],
      )
      assert.equal(results[0]!.detail, `${judge.url}/no: 500 Internal Server Error`)
      assert.equal(results[3]!.detail, 'no Job can be created here')
    } finally {
      judge.close()
    }
  })
})

describe('the results of a check with Jobs', () => {
  test('count what Jobs sent: Prometheus is asked after they have ended', async () => {
    const calls: string[] = []
    const bench: JobBench = {
      jobs: {
        check: async () => undefined,
        create: async () => void calls.push('create'),
        get: async () => ({ kind: 'complete' }),
        remove: async () => void calls.push('remove'),
      },
      now: () => new Date(began),
      wait: async () => undefined,
      look: async () => begun,
    }
    const record = recordOf([query, job])
    const series = {
      query: () => {
        calls.push('query')
        return [{ labels: {}, points: [[0, 1]] as const }]
      },
    }
    const { results } = await measured(record, { series, own: { bench } })
    assert.deepEqual(calls, ['create', 'remove', 'query'])
    assert.deepEqual(
      results.map(({ verdict }) => verdict),
      ['pass', 'pass'],
    )
  })
})

test('a check that is interrupted deletes the Jobs of all its metrics first', async () => {
  const removed: string[] = []
  const stopped = new CanaryError('interrupted', 'stopped')
  const bench: JobBench = {
    jobs: {
      check: async () => undefined,
      create: async () => undefined,
      get: async () => ({ kind: 'running', active: 1, ready: 1 }),
      remove: async ({ name }) => {
        if (name.startsWith('slow')) await new Promise(resolve => setTimeout(resolve, 20))
        removed.push(name.split('-')[0]!)
      },
    },
    now: () => new Date(began),
    wait: () => Promise.reject(stopped),
    look: async () => begun,
  }
  const record = recordOf([job, { ...job, name: 'slow' }])
  await assert.rejects(measured(record, { own: { bench } }), stopped)
  assert.deepEqual(removed, ['smoke', 'slow'])
})

describe('a metric of Prometheus', () => {
  test('is asked for the version and for stable', async () => {
    const { asked } = await measured(recordOf([{ ...query, query: 'queue{v="{{ version }}"}' }]))
    assert.deepEqual(asked.toSorted(), ['queue{v="v1"}', 'queue{v="v2"}'])
  })

  test('has no data where no server is found, or the one that is does not answer', async () => {
    const none = await measured(recordOf([query]), { found: undefined })
    assert.equal(none.results[0]!.detail, 'no Prometheus was found')
    const found = { reason: 'unreachable', message: 'no answer', source: 'http://prom', known: 'named' }
    const silent = await measured(recordOf([query]), { found })
    assert.equal(silent.results[0]!.detail, 'http://prom: no answer')
    assert.equal(silent.results[0]!.verdict, 'no-data')
  })

  test('is measured over two scrapes at least, of the interval that a person gave or the server has', async () => {
    const over = async (scrapeInterval?: number) =>
      (await measured(recordOf([query]), { own: { scrapeInterval } })).asked
    assert.match((await over()).join(), /\[(?:60s|1m)\]/)
    assert.match((await over(120)).join(), /\[(?:240s|4m)\]/)
  })

  test('makes the server be looked for again only where no metric had an answer', async () => {
    const failure = { reason: 'unreachable', message: 'no answer' } as never
    const two = recordOf([query, { ...query, name: 'other', query: 'other' }])
    assert.equal((await measured(two, { series: { failure: () => failure } })).forgotten, 1)
    const failsOne = (text: string) => (text.startsWith('other') ? failure : undefined)
    assert.equal((await measured(two, { series: { failure: failsOne } })).forgotten, 0)
  })

  test('alone needs a server', async () => {
    assert.deepEqual(
      [{ name: 'request-success-rate', min: 99 }, { name: 'request-duration', max: 5 }, query, pods, job]
        .map(fields => metricOf(fields))
        .map(needsPrometheus),
      [true, true, true, false, false],
    )
    const finder = { choose: () => Promise.reject(new Error('not asked')) } as never
    assert.equal((await measured(recordOf([job]), { own: { finder } })).results.length, 1)
  })
})

describe('failures of pods', () => {
  const servedBy = (version: string, namespace: string) => ({
    ...versionRead('catalog', version),
    service: { name: `catalog-${version}`, namespace, hosts: [] },
  })

  test('are those since the step began, beside those of stable', async () => {
    const items = [killed('v2', 5), killed('v2', -5), killed('v1', 5), killed('v1', 6)]
    const { ask, requests } = apiServer(plural => (plural === 'pods' ? items : []))
    const { results } = await measured(recordOf([pods]), { own: { ask } })
    assert.deepEqual([results[0]!.value, results[0]!.baseline], [1, 2])
    assert.deepEqual(
      requests.map(({ path, query: asked }) => [path, asked]),
      [
        ['/api/v1/namespaces/shop/pods', {}],
        ['/api/v1/namespaces/shop/events', { fieldSelector: 'type=Warning' }],
      ],
    )
  })

  test('are read in the namespace of each version, too, each once', async () => {
    const { ask, requests } = apiServer((plural, namespace) =>
      plural === 'pods' && namespace === 'next' ? [killed('v2', 5, 'next')] : [],
    )
    const versions = [servedBy('v1', 'shop'), servedBy('v2', 'next')] as MeasuredService['versions']
    const reading = measuredService('catalog', versions)
    const { results } = await measured(recordOf([pods]), { own: { ask }, reading })
    assert.equal(results[0]!.value, 1)
    assert.equal(requests.length, 4)
  })
})

describe('failures of pods that cannot be read', () => {
  test('are not known where the version has gone, or pods may not be read', async () => {
    const { ask } = apiServer(() => 403)
    const detailOf = async (own: Partial<Instruments>, record = recordOf([pods])) =>
      (await measured(record, { own })).results.map(({ verdict, detail }) => [verdict, detail])
    assert.deepEqual(await detailOf({ ask }), [
      ['no-data', '/api/v1/namespaces/shop/pods cannot be read (403)'],
    ])
    const gone = [['no-data', 'there is no version v9']]
    assert.deepEqual(await detailOf({ ask }, recordOf([pods], { version: 'v9' })), gone)
    assert.deepEqual(await detailOf({}), [['no-data', 'there is no version v2']])
  })

  test('are a fault of ours where the fault is ours', async () => {
    const failing = (why: Error) =>
      measured(recordOf([pods]), {
        own: {
          ask: async () => {
            throw why
          },
        },
      })
    await assert.rejects(failing(new TypeError('a fault')), TypeError)
    const { results } = await failing(new CanaryError('unreachable', 'no answer'))
    assert.deepEqual([results[0]!.verdict, results[0]!.detail], ['no-data', 'no answer'])
  })
})
