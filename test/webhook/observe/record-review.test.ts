import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { pino, type Logger } from 'pino'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { Judge } from '../../../shared/rules/introduced.ts'
import { meterOf } from '../../../shared/view/session.ts'
import { snapshot, type LiveView } from '../../../shared/view/snapshot.ts'
import { defaultConfig, type GuardConfig } from '../../../webhook/config/config.ts'
import { createMetrics, setWatchMetrics } from '../../../webhook/observe/metrics.ts'
import { Audit } from '../../../webhook/observe/audit.ts'
import { recordReview } from '../../../webhook/observe/record-review.ts'
import { auditBy } from '../../../webhook/run/judge-by.ts'
import { answerReview } from '../../../webhook/admission/answer-review.ts'
import { plantedJudge, plantedRules } from '../planted-rules.ts'
import {
  destinationRule,
  namespaceObject,
  reviewOf,
  service,
  virtualService,
  type ReviewInput,
} from '../requests.ts'
import type { LogLine } from '../cluster/guarded.ts'
import { reviewerOf } from '../admission/reviewers.ts'

const auditOver = (parts: Omit<ConstructorParameters<typeof Audit>[0], 'exemptions'>): Audit =>
  new Audit({ exemptions: () => defaultConfig.exemptions, ...parts })

function logged(): { readonly log: Logger; readonly lines: LogLine[] } {
  const lines: LogLine[] = []
  return {
    lines,
    log: pino(
      { base: null, timestamp: false },
      { write: text => void lines.push(JSON.parse(text) as LogLine) },
    ),
  }
}

async function recorded(input: ReviewInput): Promise<{ readonly line: LogLine; readonly metrics: string }> {
  const { log, lines } = logged()
  const metrics = createMetrics()
  const reviewer = reviewerOf({ onReviewed: decided => recordReview(decided, { log, metrics }) })
  await answerReview(Buffer.from(JSON.stringify(reviewOf(input))), 1000, reviewer)
  assert.equal(lines.length, 1)
  return { line: lines[0]!, metrics: await metrics.registry.metrics() }
}

describe('the record of a review', () => {
  it('is one line with the request and the result', async () => {
    const { line } = await recorded({ after: virtualService({ v1: 90, v2: 20 }), dryRun: true })
    const { ms, ...rest } = line
    assert.equal(typeof ms, 'number')
    assert.deepEqual(rest, {
      level: 30,
      uid: 'c0ffee',
      operation: 'CREATE',
      resource: 'virtualservices',
      namespace: 'shop',
      name: 'catalog',
      user: 'jane',
      dryRun: true,
      verdict: 'denied',
      rules: ['weights-sum-to-100'],
      apiReads: 0,
      msg: 'review',
    })
  })
  it('contains nothing of the object', async () => {
    const { line } = await recorded({
      after: virtualService({ v1: 90, v2: 20 }, { annotations: { secret: 'hunter2' } }),
    })
    assert.doesNotMatch(JSON.stringify(line), /hunter2/)
  })
  it('names exemptions with their reason, and counts them', async () => {
    const { line, metrics } = await recorded({
      after: virtualService(
        { v1: 90, v2: 20 },
        { annotations: { 'kubectl-canary/exempt': 'weights-sum-to-100: load test' } },
      ),
    })
    assert.deepEqual(line['exemptions'], ['weights-sum-to-100: load test'])
    assert.match(metrics, /canary_guard_findings_total\{rule="weights-sum-to-100",effect="exempt"\} 1/)
  })
  it('is counted by verdict and rule', async () => {
    const { metrics } = await recorded({ after: virtualService({ v1: 90, v2: 20 }) })
    assert.match(
      metrics,
      /canary_guard_requests_total\{operation="CREATE",kind="VirtualService",verdict="denied",dry_run="false"\} 1/,
    )
    assert.match(metrics, /canary_guard_findings_total\{rule="weights-sum-to-100",effect="deny"\} 1/)
    assert.match(metrics, /canary_guard_request_duration_seconds_count\{verdict="denied"\} 1/)
  })
})

describe('the record of a failed review', () => {
  it('is an error line with the reason', async () => {
    const { line, metrics } = await recorded({
      after: virtualService({ v1: 100 }),
      fields: { operation: 'EXPLODE' },
    })
    assert.deepEqual([line['verdict'], line['reason'], line['allowed']], ['error', 'malformed', true])
    assert.match(metrics, /canary_guard_errors_total\{reason="malformed"\} 1/)
    assert.match(metrics, /operation="other"/)
  })
})

describe('the counters of the watches', () => {
  it('are exported by kind', async () => {
    const metrics = createMetrics()
    const counters = { objects: 3, restarts: 1, relists: 2, drift: 4, lastEvent: 5000 }
    setWatchMetrics(metrics, {
      Service: { ...counters, refusedSince: undefined },
      Pod: { ...counters, refusedSince: 4000 },
    })
    const text = await metrics.registry.metrics()
    for (const figure of [
      'cache_objects{kind="Service"} 3',
      'watch_drift_total{kind="Service"} 4',
      'watch_last_event_timestamp_seconds{kind="Service"} 5',
      'watch_refused{kind="Service"} 0',
      'watch_refused{kind="Pod"} 1',
    ]) {
      assert.ok(text.includes(`canary_guard_${figure}`), figure)
    }
  })
})

const viewOf = (...objects: readonly KubeObject[]): LiveView => snapshot(objects)
const signal = new AbortController().signal

describe('the audit', () => {
  const view = viewOf(
    namespaceObject({ labels: { 'kubectl-canary/guard': 'disabled' } }),
    service(),
    destinationRule(['v1']),
    virtualService({ v1: 90, v2: 20 }),
  )

  it('reports findings, in namespaces that have opted out too, and logs each once', async () => {
    const { log, lines } = logged()
    const metrics = createMetrics()
    const audit = auditOver({ view, judge: () => plantedJudge, log, metrics })
    assert.deepEqual(
      (await audit.run(signal)).map(({ rule }) => rule),
      ['weights-sum-to-100', 'undefined-subset'],
    )
    assert.equal(lines.filter(({ msg }) => msg === 'audit finding').length, 2)
    await audit.run(signal)
    assert.equal(lines.filter(({ msg }) => msg === 'audit finding').length, 2)
    assert.match(
      await metrics.registry.metrics(),
      /canary_guard_audit_findings\{rule="undefined-subset",severity="error"\} 1/,
    )
  })
  it('counts what is fixed', async () => {
    const { log, lines } = logged()
    const audit = auditOver({ view, judge: () => plantedJudge, log, metrics: createMetrics() })
    await audit.run(signal)
    view.put(virtualService({ v1: 100 }))
    await audit.run(signal)
    assert.deepEqual(lines.at(-1)?.['fixed'], 2)
  })
})

describe('an audit of objects with an exemption', () => {
  it('leaves out exempt objects, and rules that are off', async () => {
    const { log } = logged()
    const annotations = { 'kubectl-canary/exempt': 'weights-sum-to-100: load test; undefined-subset' }
    const exempt = virtualService({ v1: 90, v2: 20 }, { annotations })
    const view = viewOf(namespaceObject(), service(), destinationRule(['v1']), exempt)
    const found = async (rules: GuardConfig['rules']): Promise<readonly string[]> => {
      const judge = (): Judge => auditBy(plantedRules, { ...defaultConfig, rules })
      return (await auditOver({ view, judge, log, metrics: createMetrics() }).run(signal)).map(
        ({ rule }) => rule,
      )
    }
    assert.deepEqual(
      [
        await found({}),
        await found({ 'undefined-subset': 'warn' }),
        await found({ 'undefined-subset': 'off' }),
      ],
      [['undefined-subset'], ['undefined-subset'], []],
    )
  })
})

describe('an audit that cannot judge everything', () => {
  it('goes on when a rule fails, and logs it', async () => {
    const { log, lines } = logged()
    const judge = {
      ...plantedJudge,
      rules: [
        {
          ...plantedJudge.rules[0]!,
          check: () => {
            throw new Error('a fault')
          },
        } as never,
      ],
    }
    const metrics = createMetrics()
    const view = viewOf(virtualService({ v1: 100 }))
    assert.deepEqual(await auditOver({ view, judge: () => judge, log, metrics }).run(signal), [])
    assert.deepEqual(
      lines.map(({ msg }) => msg),
      ['rule failed in the audit', 'audit finished'],
    )
    assert.match(await metrics.registry.metrics(), /errors_total\{reason="audit"\} 1/)
  })
  it('skips an object that costs too much to judge, without counting an error, and judges the rest', async () => {
    const { log, lines } = logged()
    const subsets = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`v${i}`, 1]))
    const large = virtualService(subsets, { name: 'large' })
    const view = viewOf(service(), virtualService({ v1: 90, v2: 20 }), large)
    const metrics = createMetrics()
    const judge = { ...plantedJudge, meter: () => meterOf(2_000) }
    const found = await auditOver({ view, judge: () => judge, log, metrics }).run(signal)
    assert.deepEqual(
      found.map(({ rule, ref }) => [rule, ref.name]),
      [
        ['weights-sum-to-100', 'catalog'],
        ['undefined-subset', 'catalog'],
        ['undefined-subset', 'catalog'],
      ],
    )
    assert.deepEqual(
      lines
        .filter(({ msg }) => /costs too much/.test(String(msg)))
        .map(({ object, level }) => [object, level]),
      [['VirtualService shop/large', 40]],
    )
    assert.match(await metrics.registry.metrics(), /errors_total\{reason="audit"\} 0/)
  })
})
