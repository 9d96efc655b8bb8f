import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { judgeChanges } from '../../../shared/rules/introduced.ts'
import { coveringHosts } from '../../../shared/view/indexes.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { isTooDense, isTooLarge } from '../../../webhook/fresh/too-large.ts'
import { answerReview } from '../../../webhook/server/answer-review.ts'
import { plantedJudge } from '../planted-rules.ts'
import { destinationRule, reviewOf, virtualService } from '../requests.ts'
import { reviewerOf } from '../server/reviewers.ts'

const routed = (http: readonly object[]): KubeObject => ({ ...virtualService({ v1: 100 }), spec: { hosts: ['catalog'], http } }) as KubeObject
const times = <T>(count: number, make: (i: number) => T): readonly T[] => Array.from({ length: count }, (_, i) => make(i))
const route = [{ destination: { host: 'catalog', subset: 'v1' } }]

describe('an object is too large to judge', () => {
  it('not with a thousand routes', () => assert.equal(isTooLarge(routed(times(1_000, i => ({ match: [{ headers: { a: { exact: `v${i}` } } }], route })))), false))
  it('with 100,000 empty routes', () => assert.equal(isTooLarge(routed(times(100_000, () => ({})))), true))
  it('with a thousand client namespaces, each with labels of its own', () => {
    const match = times(1_000, i => ({ sourceNamespace: `ns${i}`, sourceLabels: { app: `a${i}` } }))
    assert.equal(isTooLarge(routed([{ match, route }])), true)
  })
})

describe('a review that is too large', () => {
  for (const onError of ['allow', 'deny'] as const) {
    it(`is answered as onError: ${onError} has it, with a reason of its own`, async () => {
      const reviewer = reviewerOf({ onError: () => onError })
      const answer = await answerReview(Buffer.from(JSON.stringify(reviewOf({ after: routed(times(100_000, () => ({}))) }))), 1000, reviewer)
      assert.deepEqual([answer?.response.uid, answer?.response.allowed], ['c0ffee', onError === 'allow'])
      assert.deepEqual(reviewer.decisions.map(decided => 'reason' in decided && decided.reason), ['too-large'])
    })
  }
  it('is not even parsed where that could take all memory, and is answered with its uid', async () => {
    const body = Buffer.from(`{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"c0ffee","object":[${'{},'.repeat(2_000_000)}1]}}`)
    assert.equal(isTooDense(body), true)
    const answer = await answerReview(body, 1000, reviewerOf())
    assert.deepEqual([answer?.response.uid, answer?.response.allowed], ['c0ffee', true])
  })
  it('is none for the density of an object of 1.3 MB in a review', () =>
    assert.equal(isTooDense(Buffer.from(JSON.stringify(times(50_000, i => ({ name: `a-name-${i}`, value: 'a value' }))))), false))
})

describe('what a review takes', () => {
  it('does not grow with the square of a host\'s length', () => assert.deepEqual(coveringHosts('a.'.repeat(20_000)), ['a.'.repeat(20_000), '*']))
  it('does not grow with what a change affects beyond a limit', () => {
    const view = snapshot([destinationRule(['v1']), virtualService({ v1: 100 })])
    const found = (mostSubjects?: number): number => judgeChanges({ ...plantedJudge, ...mostSubjects === undefined ? {} : { mostSubjects } }, view, [{ before: destinationRule(['v1']) }]).introduced.length
    assert.deepEqual([found(), found(1)], [1, 0])
  })
})
