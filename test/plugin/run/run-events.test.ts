import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import type { MetricCheck } from '../../../shared/analysis/check-result.ts'
import type { RolloutNews } from '../../../shared/rollout/rollout-news.ts'
import { endOf } from '../../../shared/rollout/rollout-state.ts'
import { formatRunEvent } from '../../../plugin/print/run/run-json.ts'
import { runCommand, words } from '../run-command.ts'
import { begun } from './scripted-run.ts'

/** The published schema, which refuses fields that it does not say. */
const closed = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== 'object' || schema === null) return schema
  const entries = Object.entries(schema).map(([key, value]) => [key, closed(value)] as const)
  return { ...Object.fromEntries(entries), ...('properties' in schema && { additionalProperties: false }) }
}

const published: unknown = JSON.parse(
  readFileSync(new URL('../../../docs/run-output.schema.json', import.meta.url), 'utf8'),
)
const ajv = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true })
const validate = ajv.compile(closed(published) as object)

function assertEvent(line: string): Readonly<Record<string, unknown>> {
  const event = JSON.parse(line) as Readonly<Record<string, unknown>>
  assert.ok(validate(event), `${line}: ${ajv.errorsText(validate.errors)}`)
  return event
}

test('every event of a run that is played has the fields of its schema, and no others', async () => {
  const plays = [
    'good',
    'errors=5',
    'errors=100,stable-errors=0',
    'errors=0,stable-errors=0',
    'rps=0',
    'rps=1,slower=1000',
  ]
  const kinds = new Set<unknown>()
  for (const play of plays)
    for (const more of ['', '--mirror 25%', '--at-once', '--on-no-data fail']) {
      const { stdout, stderr } = await runCommand(
        words(`run catalog v2 --simulate ${play} ${more} --data-deadline 5m --timeout 2h -o json`),
      )
      assert.equal(stderr, '')
      for (const line of stdout.trimEnd().split('\n')) kinds.add(assertEvent(line)['event'])
    }
  assert.deepEqual(kinds, new Set(['started', 'stage', 'check', 'ended', 'rolling-back']))
})

test('an event says the share by pods where the numbers of pods make another one', () => {
  const trafficAt = (print: string, since?: string): unknown => {
    const progress = [{ passed: 0, failed: 0, noData: 0, checks: [], ...(since !== undefined && { since }) }]
    const record = { ...begun, state: { ...begun.state, progress, print } }
    return assertEvent(formatRunEvent({ kind: 'stage' }, record, new Date()))['traffic']
  }
  const pods = (stable: number, canary: number): string =>
    JSON.stringify([
      [
        'Service shop/catalog',
        {
          splits: [
            ['v1', stable],
            ['v2', canary],
          ],
        },
      ],
    ])
  const asked = { kind: 'weight', percent: 10 }
  assert.deepEqual(trafficAt(pods(3, 1), begun.started), { ...asked, byPods: 25 })
  assert.deepEqual(trafficAt(pods(2, 1), begun.started), { ...asked, byPods: 33.3 })
  assert.deepEqual(trafficAt(pods(9, 1), begun.started), asked)
  // Until the step is written, the pods are those before it.
  assert.deepEqual(trafficAt(pods(3, 1)), asked)
})

test('every kind of news fits the schema, also with numbers that JSON has not', () => {
  const result: MetricCheck = {
    metric: 'request-success-rate',
    verdict: 'fail',
    reason: 'worse-than-stable',
    value: 90,
    min: 99,
    baseline: 100,
    countedBy: 'clients',
    window: 60,
    requests: { version: 100, stable: 900 },
    comparison: { test: 'error-ratio', ratio: Infinity, low: 4, high: Infinity, confidence: 0.95 },
    detail: 'a warning',
  }
  const at = '2026-01-01T00:00:00.000Z'
  const news: readonly RolloutNews[] = [
    { kind: 'started' },
    { kind: 'resumed' },
    { kind: 'stage' },
    { kind: 'check', check: { at, verdict: 'fail', results: [result] } },
    { kind: 'check', check: { at, verdict: 'fail', results: [], refused: 'no ready pods' } },
    { kind: 'held', why: 'the gate is closed' },
    { kind: 'paused' },
    { kind: 'continued' },
    { kind: 'confirming' },
    { kind: 'trouble', why: 'no answer' },
    { kind: 'note', text: 'a note' },
    { kind: 'rolling-back' },
    { kind: 'ended' },
  ]
  const record = { ...begun, state: { ...begun.state, why: 'smoke failed' } }
  const events = news.map(one => assertEvent(formatRunEvent(one, record, new Date(at))))
  assert.deepEqual(
    events.map(({ event }) => event),
    news.map(({ kind }) => kind),
  )
  assert.equal(endOf({ status: 'failed', why: 'smoke failed' }), 'failed and was rolled back: smoke failed')
})
