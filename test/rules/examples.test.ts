import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { catalogue } from '../../shared/rules/catalogue.ts'
import { findingsOf, lintView } from '../../shared/rules/introduced.ts'
import type { AnyRule, Finding } from '../../shared/rules/rule.ts'
import { refOf, type Kind } from '../../shared/objects/kinds.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { objectsOf, scenarios, objectsIn } from '../providers/istio/resolve/corpus.ts'
import { checkRegexWith } from '../../plugin/words/regex.ts'
import { examples, type Example } from './examples.ts'

const re2Fault = await checkRegexWith()
const nameOf = ({ id, subject }: AnyRule): string => `${id} ${subject}`
const settingsOf = ({ complete = false }: Example) => ({
  complete,
  relativeWeights: false,
  now: Date.parse('2026-08-01T12:00:00Z'),
  re2Fault,
})
const byRule = (rule: AnyRule, text: string, example: Example): readonly Finding[] =>
  lintView({ rules: [rule], settings: settingsOf(example) }, snapshot(objectsOf(text)))

/** Read once, as that takes longer than all rules. */
const scenarioViews = scenarios.map(({ file }) => snapshot(objectsIn(file)))

describe('each rule', () => {
  it('has an example for each kind that it judges, and each example a rule', () => {
    assert.deepEqual(Object.keys(examples).toSorted(), catalogue.map(nameOf).toSorted())
  })

  for (const rule of catalogue) {
    const example = examples[nameOf(rule)]
    if (example === undefined) continue
    it(`${nameOf(rule)} finds what breaks it, and nothing when that is fixed`, () => {
      const found = byRule(rule, example.violates, example)
      assert.deepEqual([...new Set(found.map(({ rule: id, ref }) => `${id} ${ref.kind}`))], [nameOf(rule)])
      if (example.on !== undefined)
        assert.deepEqual(
          found.map(({ ref }) => ref.name),
          [example.on],
        )
      assert.deepEqual(byRule(rule, example.holds, example), [])
    })

    it(`${nameOf(rule)} reads no more kinds than it says`, () => {
      const texts = [example.violates, example.holds].map(objectsOf)
      for (const view of [...texts.map(objects => snapshot(objects)), ...scenarioViews]) {
        const read = new Set<Kind>()
        findingsOf(
          { rules: [rule], settings: settingsOf(example) },
          spying(view, read),
          view.list(rule.subject).map(refOf),
        )
        for (const kind of [rule.subject, ...rule.reads]) read.delete(kind)
        assert.deepEqual([...read], [])
      }
    })
  }
})

/** The view, which notes every kind that it is asked for. */
const spying = (view: ClusterView, read: Set<Kind>): ClusterView => ({
  mesh: view.mesh,
  unread: view.unread,
  get: ref => {
    read.add(ref.kind)
    return view.get(ref)
  },
  list: (kind, namespace) => {
    read.add(kind)
    return view.list(kind, namespace)
  },
  find: (index, key) => {
    read.add(index.kind)
    return view.find(index, key)
  },
})
