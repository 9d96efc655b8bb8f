import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatReason } from '../../../plugin/print/run/check-words.ts'
import type { AnalysisMetric } from '../../../shared/analysis/metric.ts'

const reasonOf = (source: AnalysisMetric['source'], detail?: string): string =>
  formatReason(
    { metric: 'm', verdict: 'no-data', reason: 'no-series', ...(detail !== undefined && { detail }) },
    {
      stable: 'v1',
      version: 'v2',
      plan: { metrics: [{ name: 'm', source, window: 60, comparesWithStable: false }], minRequests: 50 },
    },
  )

test('a metric that counts no requests does not say that there are none', () => {
  const detail = 'the query gives no series'
  assert.equal(reasonOf({ kind: 'query', query: 'up' }, detail), detail)
  assert.equal(reasonOf({ kind: 'pod-failures' }, 'no pod of v2 was found'), 'no pod of v2 was found')
  assert.match(reasonOf({ kind: 'success-rate' }, detail), /no requests, or no metrics of them: the query/)
  assert.match(reasonOf({ kind: 'pod-failures' }), /no requests/)
})
