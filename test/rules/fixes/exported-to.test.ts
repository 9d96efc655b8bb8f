import assert from 'node:assert/strict'
import test from 'node:test'
import type { DestinationOutcome } from '../../../shared/providers/istio/resolve/evaluate.ts'
import { exportedTo } from '../../../shared/rules/fixes/exported-to.ts'

const failing = [{ client: { namespace: 'web' } }] as unknown as readonly DestinationOutcome[]

for (const [given, expected] of [
  [[], ['.', 'web']],
  [['~'], ['.', 'web']],
  [['shop'], ['shop', 'web']],
  [['*'], ['*']],
] as const)
  test(`of ${given.join() || 'nothing'} and web is made ${expected.join()}`, () =>
    assert.deepEqual(exportedTo(new Set(given), failing), expected))
