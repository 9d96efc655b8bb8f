import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fc } from '../../properties.ts'
import { catalogue } from '../../../shared/rules/catalogue.ts'
import { introduced, lintView, type Judge } from '../../../shared/rules/introduced.ts'
import { identityOf } from '../../../shared/rules/findings.ts'
import type { Finding } from '../../../shared/rules/rule.ts'
import { merged, revert } from '../../../shared/view/change.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { worldAndChanges } from '../worlds.ts'

const judge: Judge = {
  rules: catalogue.filter(({ id }) => id !== 'istio-rejects'),
  settings: { complete: true, relativeWeights: false },
}

/** Findings less those that were there, as a multiset: the plain way, over everything. */
function difference(after: readonly Finding[], before: readonly Finding[]): readonly string[] {
  const known = before.map(identityOf)
  return after.map(identityOf).filter(identity => {
    const at = known.indexOf(identity)
    if (at >= 0) known.splice(at, 1)
    return at < 0
  })
}

const worsened = new Set(judge.rules.filter(rule => rule.worsening !== undefined).map(({ id }) => id))
const runs = Number(process.env['FC_RUNS'] ?? 300)

describe('what a change introduces', () => {
  for (const complete of [true, false]) {
    it(`is what lint finds after it and did not before, ${complete ? 'where the world is whole' : 'where it is not'}`, () => {
      const judging = { ...judge, settings: { ...judge.settings, complete } }
      fc.assert(
        fc.property(worldAndChanges, ({ objects, changes }) => {
          const view = snapshot(objects)
          const all = merged(changes)
          const slow = difference(
            lintView(judging, overlay(view, all)),
            lintView(judging, overlay(view, all.map(revert))),
          )
          const found = [...introduced(judging, view, changes)]
          for (const identity of slow) {
            const at = found.findIndex(finding => identityOf(finding) === identity)
            assert.ok(at >= 0, identity)
            found.splice(at, 1)
          }
          // The rest is what the change made worse.
          assert.ok(found.every(({ rule, severity }) => worsened.has(rule) && severity.webhook === 'error'))
        }),
        { numRuns: runs },
      )
    })
  }
})
