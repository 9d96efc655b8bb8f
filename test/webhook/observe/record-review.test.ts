import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { pino, type Logger } from 'pino'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { Judge } from '../../../shared/rules/introduced.ts'
import { meterOf } from '../../../shared/view/session.ts'
import { snapshot, type LiveView } from '../../../shared/view/snapshot.ts'
import { defaultConfig, type GuardConfig } from '../../../webhook/config/config.ts'
import { createMetrics, setWatchFigures } from '../../../webhook/observe/metrics.ts'
import { Audit } from '../../../webhook/observe/audit.ts'
import { recordDecision } from '../../../webhook/observe/record-review.ts'
import { auditBy } from '../../../webhook/run/judge-by.ts'
import { answerReview } from '../../../webhook/admission/answer-review.ts'
import { plantedJudge, plantedRules } from '../planted-rules.ts'
import {
  destinationRule,
  namespaceObject,
  reviewOf,
  service,
  virtualService,
  type Asked,
} from '../requests.ts'
import { reviewerOf } from '../admission/reviewers.ts'

type Line = Readonly<Record<string, unknown>>

function logged(): { readonly log: Logger; readonly lines: Line[] } {
  const lines: Line[] = []
  return {
    lines,
    log: pino({ base: null, timestamp: false }, { write: text => void lines.push(JSON.parse(text) as Line) }),
  }
}

async function recorded(asked: Asked): Promise<{ readonly line: Line; readonly metrics: string }> {
  const { log, lines } = logged()
  const metrics = createMetrics()
  const reviewer = reviewerOf({ onDecision: decided => recordDecision(decided, { log, metrics }) })
  await answerReview(Buffer.from(JSON.stringify(reviewOf(asked))), 1000, reviewer)
  assert.equal(lines.length, 1)
  return { line: lines[0]!, metrics: await metrics.registry.metrics() }
}

describe('a decision', () => {
  it('is one line with who asked for what and what became of it', async () => {
    const { line } = await recorded({ after: virtualService({ v1: 90, v2: 20 }), dryRun: true })
    const { ms, ...rest } = line
    assert.equal(typeof ms, 'number')
    assert.deepEqual(rest, {
      level: 30,
      uid: 'c0ffee',
      op: 'CREATE',
      resource: 'virtualservices',
      namespace: 'shop',
      name: 'catalog',
      user: 'jane',
      dryRun: true,
      verdict: 'denied',
      rules: ['weights-sum-to-100'],
      readThroughs: 1,
      msg: 'review',
    })
  })
  it('has nothing of the object in its line', async () => {
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

describe('a decision that could not be made', () => {
  it('is an error with its reason', async () => {
    const { line, metrics } = await recorded({
      after: virtualService({ v1: 100 }),
      fields: { operation: 'EXPLODE' },
    })
    assert.deepEqual([line['verdict'], line['reason'], line['allowed']], ['error', 'malformed', true])
    assert.match(metrics, /canary_guard_errors_total\{reason="malformed"\} 1/)
    assert.match(metrics, /operation="other"/)
  })
})

describe('the figures of the watches', () => {
  it('are given by kind', async () => {
    const metrics = createMetrics()
    setWatchFigures(metrics, { Service: { objects: 3, restarts: 1, relists: 2, drift: 4, lastEvent: 5000 } })
    const text = await metrics.registry.metrics()
    for (const figure of [
      'cache_objects{kind="Service"} 3',
      'watch_drift_total{kind="Service"} 4',
      'watch_last_event_timestamp_seconds{kind="Service"} 5',
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

  it('reports what stands against the rules, in namespaces that have opted out too, and logs each thing once', async () => {
    const { log, lines } = logged()
    const metrics = createMetrics()
    const audit = new Audit({ view, judge: () => plantedJudge, log, metrics })
    assert.deepEqual(
      (await audit.sweep(signal)).map(({ rule }) => rule),
      ['weights-sum-to-100', 'undefined-subset'],
    )
    assert.equal(lines.filter(({ msg }) => msg === 'audit finding').length, 2)
    await audit.sweep(signal)
    assert.equal(lines.filter(({ msg }) => msg === 'audit finding').length, 2)
    assert.match(
      await metrics.registry.metrics(),
      /canary_guard_audit_findings\{rule="undefined-subset",severity="error"\} 1/,
    )
  })
  it('says what is mended', async () => {
    const { log, lines } = logged()
    const audit = new Audit({ view, judge: () => plantedJudge, log, metrics: createMetrics() })
    await audit.sweep(signal)
    view.put(virtualService({ v1: 100 }))
    await audit.sweep(signal)
    assert.deepEqual(lines.at(-1)?.['mended'], 2)
  })
})

describe('an audit of objects with an exemption', () => {
  it('leaves out what is exempt with a reason, and rules that are off', async () => {
    const { log } = logged()
    const annotations = { 'kubectl-canary/exempt': 'weights-sum-to-100: load test; undefined-subset' }
    const exempt = virtualService({ v1: 90, v2: 20 }, { annotations })
    const view = viewOf(namespaceObject(), service(), destinationRule(['v1']), exempt)
    const found = async (rules: GuardConfig['rules']): Promise<readonly string[]> => {
      const judge = (): Judge => auditBy(plantedRules, { ...defaultConfig, rules })
      return (await new Audit({ view, judge, log, metrics: createMetrics() }).sweep(signal)).map(
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
  it('goes on when a rule fails, and says so', async () => {
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
    assert.deepEqual(await new Audit({ view, judge: () => judge, log, metrics }).sweep(signal), [])
    assert.deepEqual(
      lines.map(({ msg }) => msg),
      ['a rule failed in the audit', 'audit'],
    )
    assert.match(await metrics.registry.metrics(), /errors_total\{reason="audit"\} 1/)
  })
  it('leaves out what takes too much to judge, which is no fault of its own, and judges the rest', async () => {
    const { log, lines } = logged()
    const subsets = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`v${i}`, 1]))
    const large = virtualService(subsets, { name: 'large' })
    const view = viewOf(service(), virtualService({ v1: 90, v2: 20 }), large)
    const metrics = createMetrics()
    const judge = { ...plantedJudge, meter: () => meterOf(2_000) }
    const found = await new Audit({ view, judge: () => judge, log, metrics }).sweep(signal)
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
        .filter(({ msg }) => /takes too much/.test(String(msg)))
        .map(({ object, level }) => [object, level]),
      [['VirtualService shop/large', 40]],
    )
    assert.match(await metrics.registry.metrics(), /errors_total\{reason="audit"\} 0/)
  })
})
