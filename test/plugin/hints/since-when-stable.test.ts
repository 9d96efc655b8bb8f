import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sinceWhenStable } from '../../../plugin/read/since-when-stable.ts'
import type { ChangeSummary } from '../../../shared/view/history.ts'

const change = (verb: string, stable: string): ChangeSummary => ({
  revision: 1,
  at: '2026-01-01T00:00:00Z',
  command: `kubectl canary ${verb} catalog`,
  title: verb,
  id: 'a',
  service: 'catalog',
  namespace: 'shop',
  namespaces: ['shop'],
  stable,
})

test('since when a version is stable follows from the change that made it so, and not from an abort alone', () => {
  assert.equal(sinceWhenStable([]), undefined)
  assert.equal(sinceWhenStable([change('abort', 'v1')]), undefined)
  assert.equal(sinceWhenStable([change('abort', 'v1'), change('abort', 'v1')]), undefined)
  assert.equal(sinceWhenStable([change('weight', 'v1'), change('abort', 'v1')])?.isFirst, false)
  const promoted = [change('weight', 'v1'), change('promote', 'v2'), change('abort', 'v2')]
  assert.equal(sinceWhenStable(promoted)?.change.title, 'promote')
  assert.equal(sinceWhenStable([change('weight', 'v2'), change('abort', 'v1')])?.isFirst, true)
})
