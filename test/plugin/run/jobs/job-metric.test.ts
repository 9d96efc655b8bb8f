import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { measureJob, type JobBench, type MeasuredJob } from '../../../../plugin/run/job-metric.ts'
import { RunTaken } from '../../../../plugin/run/keeper.ts'
import { CanaryError } from '../../../../shared/objects/canary-error.ts'
import type { RolloutRecord } from '../../../../shared/rollout/rollout-record.ts'
import { entered, withPresent, presentOf } from '../../../../shared/rollout/rollout-state.ts'
import type { JobStanding, NewJob } from '../../../../shared/view/runs/job-store.ts'
import { begun, unreachable } from '../scripted-run.ts'

const spec = { template: { spec: { containers: [{ name: 'a', image: 'smoke:{{ version }}' }] } } }
const metricWith = (own: object = {}, name = 'smoke', timeout = 60): MeasuredJob => ({
  name,
  source: { kind: 'job', template: { labels: {}, annotations: {}, spec: { ...spec, ...own } }, timeout },
})
const atStep: RolloutRecord = { ...begun, state: entered(begun.state, begun.started, undefined) }

interface Played {
  readonly metric?: MeasuredJob
  readonly record?: RolloutRecord
  /** What the Job is after so many seconds. */
  readonly standing?: (seconds: number) => JobStanding | undefined
  readonly fails?: (call: string, seconds: number) => Error | undefined
  /** The run as it is looked up. */
  readonly seen?: (seconds: number) => RolloutRecord
}

/** Measures a Job in a made-up cluster; `calls` says what was asked of it. */
async function played({ metric = metricWith(), record = atStep, ...world }: Played) {
  const begin = Date.parse(begun.started)
  let now = begin
  const calls: string[] = []
  const made: NewJob[] = []
  const called = (call: string): void => {
    const error = world.fails?.(call, (now - begin) / 1000)
    if (call !== 'get') calls.push(call)
    if (error !== undefined) throw error
  }
  const bench: JobBench = {
    jobs: {
      check: async () => called('check'),
      create: async ({ name }, job) => {
        called(`create ${name}`)
        made.push(job)
      },
      get: async () => {
        called('get')
        const seconds = (now - begin) / 1000
        return world.standing === undefined ? running : world.standing(seconds)
      },
      remove: async ({ name }) => called(`remove ${name}`),
    },
    now: () => new Date(now),
    wait: async milliseconds => {
      called('wait')
      now += milliseconds
    },
    look: async () => {
      called('look')
      return world.seen?.((now - begin) / 1000) ?? record
    },
  }
  const measured = await measureJob(bench, metric, record).catch((error: unknown) => error as Error)
  return {
    measured,
    made,
    calls: calls.filter(call => call !== 'wait' && call !== 'look'),
    seconds: (now - begin) / 1000,
  }
}

const running: JobStanding = { kind: 'running', active: 1, ready: 0 }
const own = 'smoke-1f2e3d4c-1-1'
const since = (seconds: number, standing: JobStanding) => (at: number) => (at >= seconds ? standing : running)
const failed = (reason: string): JobStanding => ({ kind: 'failed', reason, message: 'it ended' })

describe('a Job as a metric', () => {
  test('passes when it is complete, and is deleted then', async () => {
    const { measured, calls, seconds } = await played({ standing: since(10, { kind: 'complete' }) })
    assert.deepEqual(measured, { kind: 'answer', passed: true, detail: `Job shop/${own}` })
    assert.deepEqual(calls, [`create ${own}`, `remove ${own}`])
    assert.equal(seconds, 10)
  })

  test('fails when it has failed, with the reason, and is kept for its log', async () => {
    const { measured, calls } = await played({ standing: since(4, failed('BackoffLimitExceeded')) })
    assert.deepEqual(measured, {
      kind: 'answer',
      passed: false,
      detail: `Job shop/${own}: BackoffLimitExceeded, it ended; its log: kubectl logs job/${own} -n shop`,
    })
    assert.deepEqual(calls, [`create ${own}`])
  })

  test('has no verdict when it has not ended in time, and is deleted', async () => {
    const { measured, calls, seconds } = await played({})
    assert.deepEqual(measured, {
      kind: 'failed',
      detail: `Job shop/${own} has not ended within 60 s (pods: 1 active, 0 ready)`,
    })
    assert.deepEqual(calls, [`create ${own}`, `remove ${own}`])
    assert.equal(seconds, 60)
  })

  test('that ends at its deadline fails where the deadline is its own, and has no verdict where it is ours', async () => {
    const standing = () => failed('DeadlineExceeded')
    const theirs = await played({ metric: metricWith({ activeDeadlineSeconds: 5 }), standing })
    const ours = await played({ standing })
    assert.deepEqual(
      [theirs, ours].map(({ measured }) => ('kind' in measured ? measured.kind : measured)),
      ['answer', 'failed'],
    )
    assert.deepEqual(ours.calls, [`create ${own}`, `remove ${own}`])
    assert.deepEqual(ours.measured, {
      kind: 'failed',
      detail: `Job shop/${own}: DeadlineExceeded, it ended`,
    })
  })
})

describe('the Job of a check', () => {
  test('is deleted by the cluster when nobody does, and ends by itself after the check has given up', async () => {
    const { made } = await played({ standing: since(0, { kind: 'complete' }) })
    assert.deepEqual(made, [
      {
        labels: { 'app.kubernetes.io/managed-by': 'kubectl-canary', 'kubectl-canary/run': '1f2e3d4c' },
        annotations: { 'kubectl-canary/service': 'catalog' },
        spec: {
          ttlSecondsAfterFinished: 3600,
          activeDeadlineSeconds: 120,
          template: { spec: { containers: [{ name: 'a', image: 'smoke:v2' }] } },
        },
      },
    ])
  })

  test('keeps what its template says of tries, deadline and time to live', async () => {
    const said = { backoffLimit: 0, activeDeadlineSeconds: 7, ttlSecondsAfterFinished: 5 }
    const { made } = await played({ metric: metricWith(said), standing: since(0, { kind: 'complete' }) })
    assert.deepEqual({ ...made[0]!.spec, template: undefined }, { ...said, template: undefined })
  })

  test('has the same name for the same check and another one for the next, of at most 63 characters', async () => {
    const next = withPresent(atStep.state, { ...presentOf(atStep.state), passed: 1, failed: 2, noData: 3 })
    const nameOf = async (name: string, record = atStep): Promise<string> =>
      (await played({ metric: metricWith({}, name), record })).calls[0]!.replace('create ', '')
    assert.equal(await nameOf('smoke'), await nameOf('smoke'))
    assert.equal(await nameOf('smoke', { ...begun, state: next }), 'smoke-1f2e3d4c-1-7')
    const names = await Promise.all(
      ['a b', 'a-b', 'A b', 'é', '-', 'x'.repeat(100), `${'x'.repeat(99)}y`].map(one => nameOf(one)),
    )
    assert.equal(new Set(names).size, names.length, names.join())
    for (const name of names) assert.match(name, /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
  })
})

describe('a Job that is not waited for to its end', () => {
  test('is deleted when somebody ended the run, or it takes too long', async () => {
    const aborted = { ...atStep, state: { ...atStep.state, status: 'aborted' as const } }
    const ended = await played({ seen: at => (at < 20 ? atStep : aborted) })
    const late = await played({ record: { ...atStep, plan: { ...atStep.plan, timeout: 20 } } })
    for (const { measured, calls, seconds } of [ended, late]) {
      assert.match('detail' in measured ? measured.detail : '', /the run was over before/)
      assert.deepEqual(calls, [`create ${own}`, `remove ${own}`])
      assert.equal(seconds, 20)
    }
  })

  test('is deleted when the process is interrupted, and left when another process has the run', async () => {
    const stopped = new CanaryError('interrupted', 'stopped')
    const interrupted = await played({ fails: call => (call === 'wait' ? stopped : undefined) })
    assert.equal(interrupted.measured, stopped)
    assert.deepEqual(interrupted.calls, [`create ${own}`, `remove ${own}`])
    const taken = await played({ fails: call => (call === 'look' ? new RunTaken('gone') : undefined) })
    assert.ok(taken.measured instanceof RunTaken)
    assert.deepEqual(taken.calls, [`create ${own}`])
  })

  test('gives no verdict when somebody else has deleted it', async () => {
    const { measured } = await played({ standing: () => undefined })
    assert.deepEqual(measured, { kind: 'failed', detail: `Job shop/${own} was deleted` })
  })
})

describe('an API server that does not answer', () => {
  test('is waited for while a Job runs, and is the reason when that takes too long', async () => {
    const away = await played({
      fails: (call, at) => (call !== 'wait' && at > 2 && at < 30 ? unreachable : undefined),
      standing: since(40, { kind: 'complete' }),
    })
    assert.ok('kind' in away.measured && away.measured.kind === 'answer')
    assert.equal(away.seconds, 40)
    const gone = await played({ fails: call => (call === 'get' ? unreachable : undefined) })
    assert.match('detail' in gone.measured ? gone.measured.detail : '', /within 60 s: no answer/)
    const back = await played({
      fails: (call, at) => (call === 'get' && at > 2 && at < 30 ? unreachable : undefined),
    })
    assert.match('detail' in back.measured ? back.measured.detail : '', /within 60 s \(pods: [^:]*\)$/)
  })

  test('to the creation may have created it, which is undone', async () => {
    for (const [code, left] of [
      ['unreachable', 1],
      ['timeout', 1],
      ['forbidden', 0],
      ['rejected', 0],
    ] as const) {
      const { measured, calls } = await played({
        fails: call => (call.startsWith('create') ? new CanaryError(code, 'no') : undefined),
      })
      assert.deepEqual(measured, { kind: 'failed', detail: `Job shop/${own} cannot be created: no` })
      assert.equal(calls.filter(call => call.startsWith('remove')).length, left, code)
    }
  })

  test('is told from a fault of ours, which is no verdict', async () => {
    const fault = new TypeError('a fault')
    for (const at of ['create', 'get', 'look']) {
      const { measured } = await played({ fails: call => (call.startsWith(at) ? fault : undefined) })
      assert.equal(measured, fault, at)
    }
  })

  test('to the deletion changes no verdict', async () => {
    const { measured } = await played({
      standing: since(0, { kind: 'complete' }),
      fails: call => (call.startsWith('remove') ? unreachable : undefined),
    })
    assert.ok('kind' in measured && measured.kind === 'answer')
  })
})
