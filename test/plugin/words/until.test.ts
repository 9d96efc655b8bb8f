import assert from 'node:assert/strict'
import test from 'node:test'
import { parseUntil } from '../../../plugin/words/until.ts'
import { CanaryError } from '../../../shared/objects/canary-error.ts'

const now = new Date('2026-08-01T12:00:00.5Z')

for (const [typed, expected] of [
  ['2d', '2026-08-03T12:00:00Z'],
  ['1w', '2026-08-08T12:00:00Z'],
  ['1d12h', '2026-08-03T00:00:00Z'],
  ['36h', '2026-08-03T00:00:00Z'],
  ['2026-08-31', '2026-08-31T00:00:00Z'],
  ['2026-08-31T18:00:00Z', '2026-08-31T18:00:00Z'],
  ['2026-08-31T18:00:00+02:00', '2026-08-31T16:00:00Z'],
] as const) {
  test(`--until ${typed} ends at ${expected}`, () => assert.equal(parseUntil(typed, now), expected))
}

for (const [typed, complaint] of [
  ['soon', /is not a duration or a time/],
  ['2026-13-40', /is not a duration or a time/],
  ['2025-01-01', /not in the future/],
  ['-2d', /not in the future/],
  ['2', /is not a duration or a time/],
  ['0s', /not in the future/],
  ['99999999999999999w', /is not a duration or a time/],
] as const) {
  test(`refuses --until ${typed}`, () =>
    assert.throws(
      () => parseUntil(typed, now),
      (error: unknown) =>
        error instanceof CanaryError && error.code === 'usage' && complaint.test(error.message),
    ))
}
