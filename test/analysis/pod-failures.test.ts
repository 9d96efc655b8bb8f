import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judge } from '../../shared/analysis/judge.ts'
import { parseMetric } from '../../shared/analysis/parse-metric.ts'
import type { ClusterEvent, ContainerReport, ObservedPod } from '../../shared/analysis/pods/observed.ts'
import { podFailures } from '../../shared/analysis/pods/pod-failures.ts'
import { versionRead } from '../metrics/measured-service.ts'

const now = new Date('2026-11-29T10:00:00Z')
const at = (secondsAgo: number): string => new Date(now.getTime() - secondsAgo * 1000).toISOString()
const since = new Date(at(300))

const pod = (
  name: string,
  status: ObservedPod['status'] = {},
  metadata: Partial<ObservedPod['metadata']> = {},
): ObservedPod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'shop',
    creationTimestamp: at(3600),
    labels: { app: 'catalog', version: name.includes('v1') ? 'v1' : 'v2', 'pod-template-hash': 'x' },
    ...metadata,
  },
  status,
})
const running = (...containers: readonly ContainerReport[]): ObservedPod['status'] => ({
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'True' }],
  containerStatuses: containers,
})
const event = (reason: string, message: string, more: Partial<ClusterEvent> = {}): ClusterEvent => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: 'e', namespace: 'shop' },
  type: 'Warning',
  reason,
  message,
  involvedObject: { kind: 'Pod', namespace: 'shop', name: 'catalog-v2-a' },
  lastTimestamp: at(10),
  ...more,
})

const counted = (pods: readonly ObservedPod[], events: readonly ClusterEvent[] = []) =>
  podFailures({
    namespace: 'shop',
    version: versionRead('catalog', 'v2'),
    stable: versionRead('catalog', 'v1'),
    pods,
    events,
    since,
    now,
  })
/** The number and what is told of it. */
const found = (pods: readonly ObservedPod[], events: readonly ClusterEvent[] = []) => {
  const measurement = counted(pods, events)
  assert.ok(measurement.kind === 'value')
  return [measurement.value, measurement.detail ?? ''] as const
}

test('a crash loop, a missing image and a kill for lack of memory are failures of their containers', () => {
  for (const [container, told] of [
    [{ name: 'app', state: { waiting: { reason: 'CrashLoopBackOff' } } }, 'app is in CrashLoopBackOff'],
    [{ name: 'app', state: { waiting: { reason: 'ImagePullBackOff' } } }, 'app is in ImagePullBackOff'],
    [
      { name: 'app', lastState: { terminated: { reason: 'OOMKilled', exitCode: 137, finishedAt: at(20) } } },
      'app was killed for lack of memory (OOMKilled)',
    ],
    [
      { name: 'app', lastState: { terminated: { reason: 'Error', exitCode: 1, finishedAt: at(20) } } },
      'app ended with exit code 1',
    ],
  ] as const)
    assert.deepEqual(found([pod('catalog-v2-a', running(container))]), [1, `catalog-v2-a: ${told}`])
})

test('a container that fails in several ways counts once, and says the cause', () => {
  const container = {
    name: 'app',
    restartCount: 4,
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    lastState: { terminated: { reason: 'OOMKilled', exitCode: 137, finishedAt: at(20) } },
  }
  const [value, told] = found([pod('catalog-v2-a', running(container))])
  assert.deepEqual([value, /OOMKilled/.test(told)], [1, true])
})

test('what happened before the step, what ended well and what is being deleted is no failure', () => {
  const ended = (finishedAt: string, exitCode = 1) =>
    running({ name: 'app', lastState: { terminated: { reason: 'Error', exitCode, finishedAt } } })
  assert.deepEqual(
    found([
      pod('catalog-v2-a', ended(at(301))),
      pod('catalog-v2-b', ended(at(20), 0)),
      pod('catalog-v2-c', ended(at(20)), { deletionTimestamp: at(30) }),
      pod('catalog-v2-d', running({ name: 'app', state: { waiting: { reason: 'ContainerCreating' } } })),
    ]),
    [0, ''],
  )
})

test('a pod that no node takes is a failure after two minutes', () => {
  const pending = (seconds: number) =>
    pod('catalog-v2-a', {
      phase: 'Pending',
      conditions: [
        { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', lastTransitionTime: at(seconds) },
      ],
    })
  assert.equal(found([pending(60)])[0], 0)
  assert.deepEqual(found([pending(180)]), [1, 'catalog-v2-a: no node takes it (Unschedulable)'])
})

test('a pod that its node evicts is a failure, and one that gives way to others is none', () => {
  const evicted = (reason: string) =>
    pod('catalog-v2-a', {
      phase: 'Failed',
      reason: 'Evicted',
      conditions: [{ type: 'DisruptionTarget', status: 'True', reason, lastTransitionTime: at(20) }],
    })
  assert.equal(found([evicted('TerminationByKubelet')])[0], 1)
  assert.equal(found([evicted('PreemptionByScheduler')])[0], 0)
})

test('failed liveness probes count, and readiness probes of pods that are not only starting', () => {
  const unready = (age: number) =>
    pod('catalog-v2-a', { conditions: [{ type: 'Ready', status: 'False' }] }, { creationTimestamp: at(age) })
  const liveness = event('Unhealthy', 'Liveness probe failed: HTTP probe failed with statuscode: 500')
  const readiness = event('Unhealthy', 'Readiness probe failed: connection refused')
  assert.equal(found([pod('catalog-v2-a', running())], [liveness])[0], 1)
  assert.equal(found([pod('catalog-v2-a', running())], [readiness])[0], 0)
  assert.equal(found([unready(100)], [readiness])[0], 0)
  assert.equal(found([unready(3600)], [readiness])[0], 1)
  assert.equal(found([unready(3600)], [{ ...readiness, lastTimestamp: at(400) }])[0], 0)
  assert.equal(found([unready(3600)], [{ ...readiness, lastTimestamp: null, eventTime: at(5) }])[0], 1)
  assert.equal(found([unready(3600)], [{ ...readiness, type: 'Normal' }])[0], 0)
})

test('pods that cannot be created are a failure of their workload, and not of one with a longer name', () => {
  const quota = (name: string) =>
    event('FailedCreate', 'exceeded quota: cpu', {
      involvedObject: { kind: 'ReplicaSet', namespace: 'shop', name },
    })
  assert.deepEqual(found([], [quota('catalog-v2-7d9f6c5b8')]), [1, 'catalog-v2: exceeded quota: cpu'])
  assert.equal(counted([], [quota('catalog-v2-extra-7d9f6c5b8')]).kind, 'nothing')
})

test('pods of others are not counted, and those of stable are the baseline', () => {
  const crashing = running({ name: 'app', state: { waiting: { reason: 'CrashLoopBackOff' } } })
  const measurement = counted([
    pod('catalog-v2-a', running()),
    pod('catalog-v1-a', crashing),
    pod('catalog-v2-a', crashing, { namespace: 'elsewhere' }),
    pod('cart-v2-a', crashing, { labels: { app: 'cart', version: 'v2' } }),
  ])
  assert.deepEqual(measurement, { kind: 'value', value: 0, baseline: 1 })
})

test('without a pod there is no verdict, and one failure is one too many', () => {
  const settings = { minRequests: 50, confidence: 0.95 }
  const metric = parseMetric('pod-failures')
  assert.equal(judge(metric, counted([]), settings).reason, 'no-series')
  const crashing = running({ name: 'app', state: { waiting: { reason: 'CrashLoopBackOff' } } })
  const four = ['a', 'b', 'c', 'd'].map(name => pod(`catalog-v2-${name}`, crashing))
  const result = judge(metric, counted(four), settings)
  assert.deepEqual([result.verdict, result.reason, result.value], ['fail', 'above-max', 4])
  assert.match(result.detail ?? '', /^catalog-v2-a: .*; and 1 more$/)
})
