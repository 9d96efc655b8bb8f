import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import { formatRecord, parseRecord, recordIn } from '../../shared/rollout/rollout-record.ts'
import { begun } from '../plugin/run/scripted-run.ts'

const lease = { namespace: 'shop', name: 'kubectl-canary.catalog' }
const where = 'Lease shop/kubectl-canary.catalog'
const refused = (text: string, message = `${where} does not hold a run of kubectl canary`) =>
  assert.throws(
    () => parseRecord(text, lease),
    (error: unknown) => {
      assert.ok(error instanceof CanaryError)
      assert.deepEqual([error.code, error.message], ['unreadable', message])
      assert.ok(error.hints.length > 0)
      return true
    },
    text,
  )

test('a run that is written is read again', () => {
  assert.deepEqual(parseRecord(formatRecord(begun), lease), begun)
})

test('a run of a newer version is told as such', () => {
  refused(JSON.stringify({ ...begun, format: 2 }), `${where} is of a newer version of kubectl canary`)
})

test('what a run could not go on with is no run', () => {
  const { plan, state } = begun
  const [first] = state.progress
  const texts = ['id', 'service', 'namespace', 'version', 'stable', 'command', 'started']
  const numbers = ['interval', 'checks', 'threshold', 'minRequests', 'confidence', 'noDataDeadline']
  const [metric] = plan.metrics
  const broken: readonly object[] = [
    ...texts.flatMap(key => [{ [key]: 1 }, { [key]: undefined }]),
    ...numbers.map(key => ({ plan: { ...plan, [key]: undefined } })),
    ...['passed', 'failed', 'noData'].map(key => ({
      state: { ...state, progress: [{ ...first, [key]: undefined }] },
    })),
    // What is whole beside it makes up for nothing.
    { plan: { ...plan, metrics: [metric, {}] } },
    { plan: { ...plan, stages: [...plan.stages, {}] } },
    { plan: { ...plan, gates: ['https://ci', 1] } },
    { plan: { ...plan, hooks: [{ url: 'https://ci' }, {}] } },
    { state: { ...state, progress: [first, {}] } },
    { state: { ...state, progress: [{ ...first, checks: [{ results: [] }, {}] }] } },
    { plan: { ...plan, stages: [] } },
    { plan: { ...plan, stages: ['10'] } },
    { plan: { ...plan, interval: null } },
    { plan: { ...plan, threshold: '5' } },
    { plan: { ...plan, metrics: undefined } },
    { plan: { ...plan, gates: {} } },
    { plan: { ...plan, gates: [1] } },
    { plan: { ...plan, hooks: [{}] } },
    { plan: { ...plan, metrics: [{ name: 'smoke' }] } },
    { plan: { ...plan, metrics: [{ source: { kind: 'webhook', url: 'http://ci' } }] } },
    { plan: { ...plan, stages: [{ percent: 10 }] } },
    { plan: { ...plan, stages: [{ kind: 'weight', percent: '10' }] } },
    { plan: { ...plan, stages: [{ kind: 'cohort', percent: 100 }] } },
    { state: { ...state, status: 'runnning' } },
    { state: { ...state, stage: 2 } },
    { state: { ...state, stage: -1 } },
    { state: { ...state, stage: 0.5 } },
    { state: { ...state, failures: null } },
    { state: { ...state, progress: [{}] } },
    { state: { ...state, progress: [{ ...state.progress[0], passed: null }] } },
    { state: { ...state, progress: [{ ...state.progress[0], checks: [{}] }] } },
    { state: { ...state, progress: 'none' } },
    { state: [] },
  ]
  for (const change of broken) refused(JSON.stringify({ ...begun, ...change }))
})

test('a Lease that holds no run is told by its namespace and name', () => {
  assert.throws(() => recordIn({ ...lease, text: '{}' }), {
    message: `${where} does not hold a run of kubectl canary`,
  })
})

test('any other text is refused, and never ends the program', () => {
  for (const text of ['', '{', 'null', '[]', '"run"', '{"format":1}', '{"format":"1"}']) refused(text)
  fc.assert(fc.property(fc.json(), text => refused(text)))
})
