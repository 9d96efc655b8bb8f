import assert from 'node:assert/strict'
import test from 'node:test'
import { catalogue } from '../../shared/rules/catalogue.ts'
import { lintView } from '../../shared/rules/introduced.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { objectsOf } from '../providers/istio/resolve/corpus.ts'
import { examples } from './examples.ts'

test('each finding of a rule says of whom it tells, so that others may be told it', () => {
  for (const [id, { violates, complete = true }] of Object.entries(examples)) {
    const settings = { complete, relativeWeights: false }
    for (const { rule, tells, message } of lintView(
      { rules: catalogue, settings },
      snapshot(objectsOf(violates)),
    ))
      assert.ok(tells !== undefined, `${id}: ${rule}: ${message}`)
  }
})
