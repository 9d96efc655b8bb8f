import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { Rule } from '../../../shared/rules/rule.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { defaultConfig } from '../../../webhook/config/config.ts'
import { review, type Verdict } from '../../../webhook/review/review.ts'
import { judgeBy } from '../../../webhook/run/judge-by.ts'
import { plantedRules } from '../planted-rules.ts'
import {
  destinationRule,
  namespaceObject,
  requestFor,
  service,
  virtualService,
  type ReviewInput,
} from '../requests.ts'

/** Fails on VirtualServices that carry the label `poison`. */
const failing: Rule<'VirtualService'> = {
  id: 'fails-on-poison',
  severity: { webhook: 'error', lint: 'error' },
  summary: 'Fails.',
  fix: '',
  subject: 'VirtualService',
  reads: [],
  check(_view, { metadata }) {
    if (metadata.labels?.['poison'] !== undefined) throw new Error('a fault of ours')
    return []
  },
}
const judge = judgeBy([...plantedRules, failing], defaultConfig)

const poisoned = virtualService({ v1: 100 }, { name: 'poisoned', labels: { poison: '' } })
const defined = destinationRule(['v1', 'v2'])
const judged = (input: ReviewInput, ...objects: readonly KubeObject[]): Verdict =>
  review(requestFor(input), {
    view: snapshot([namespaceObject(), service(), ...objects]),
    judge,
    settings: defaultConfig,
  })

/** Fails where a change is compared, on VirtualServices that carry the label `uneven`. */
const failingToCompare: Rule<'VirtualService'> = {
  ...failing,
  id: 'fails-to-compare',
  severity: { webhook: 'warning', lint: 'warning' },
  *check(_view, { metadata }) {
    const label = metadata.labels?.['uneven']
    if (label !== undefined) yield { path: [], message: 'uneven', about: label }
  },
  worsening: {
    summary: 'Fails.',
    weigh: () => {
      throw new Error('a fault in comparing')
    },
  },
}

describe('a rule that fails to compare both sides of a change', () => {
  const uneven = (label: string): KubeObject =>
    virtualService({ v1: 100 }, { name: 'uneven', labels: { uneven: label } })
  const compared = (input: ReviewInput): Verdict =>
    review(requestFor(input), {
      view: snapshot([namespaceObject(), service(), defined, uneven('a')]),
      judge: judgeBy([...plantedRules, failingToCompare], defaultConfig),
      settings: defaultConfig,
    })
  it('on an unchanged object does not affect a change of another', () => {
    const { denials, warnings } = compared({ before: defined, after: destinationRule(['v1', 'v2', 'v3']) })
    assert.deepEqual([denials, warnings], [[], []])
  })
  it('on the changed object fails the review', () => {
    assert.throws(() => compared({ before: uneven('a'), after: uneven('b') }), /a fault in comparing/)
  })
})

describe('a rule that fails', () => {
  it('on an unchanged object does not affect a change of another', () => {
    const { denials, warnings } = judged(
      { before: defined, after: destinationRule(['v1', 'v2', 'v3']) },
      defined,
      poisoned,
    )
    assert.deepEqual([denials, warnings], [[], []])
  })
  it('does not hide findings of other rules', () => {
    const { denials } = judged({ before: defined, after: destinationRule(['v2']) }, defined, poisoned)
    assert.deepEqual(
      denials.map(({ rule, ref }) => [rule, ref.name]),
      [['undefined-subset', 'poisoned']],
    )
  })
  it('on a created or changed object fails the review', () => {
    assert.throws(() => judged({ after: poisoned }, defined), /a fault of ours/)
    const moved = virtualService({ v2: 100 }, { name: 'poisoned', labels: { poison: '' } })
    assert.throws(() => judged({ before: poisoned, after: moved }, defined, poisoned), /a fault of ours/)
  })
  it('on an object does not block its deletion', () =>
    assert.deepEqual(judged({ before: poisoned }, defined, poisoned).denials, []))
})
