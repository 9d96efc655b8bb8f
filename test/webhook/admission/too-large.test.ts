import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { judgeChanges } from '../../../shared/rules/introduced.ts'
import {
  coveringHosts,
  virtualServicesByDestination,
} from '../../../shared/providers/istio/resolve/indexes/routing.ts'
import { meterOf } from '../../../shared/view/session.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { isTooDense } from '../../../webhook/admission/too-dense.ts'
import { isTooLarge } from '../../../webhook/cache/too-large.ts'
import { answerReview } from '../../../webhook/admission/answer-review.ts'
import { plantedJudge } from '../planted-rules.ts'
import { destinationRule, reviewOf, virtualService } from '../requests.ts'
import { reviewerOf } from './reviewers.ts'

const routed = (http: readonly object[]): KubeObject =>
  ({ ...virtualService({ v1: 100 }), spec: { hosts: ['catalog'], http } }) as KubeObject
const times = <T>(count: number, make: (i: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, i) => make(i))
const route = [{ destination: { host: 'catalog', subset: 'v1' } }]

describe('an object is too large to judge', () => {
  it('not with a thousand routes', () =>
    assert.equal(
      isTooLarge(routed(times(1_000, i => ({ match: [{ headers: { a: { exact: `v${i}` } } }], route })))),
      false,
    ))
  it('with 200,000 empty routes', () => assert.equal(isTooLarge(routed(times(200_000, () => ({})))), true))
  it('with 200,000 hosts', () =>
    assert.equal(
      isTooLarge({ ...routed([]), spec: { hosts: times(200_000, i => `h${i}`) } } as KubeObject),
      true,
    ))
  it('where one value lies so deep in it that no function could follow', () =>
    assert.equal(
      isTooLarge(JSON.parse(`${'{"a":'.repeat(20_000)}{}${'}'.repeat(20_000)}`) as KubeObject),
      true,
    ))
  it('not for who manages its fields', () => {
    const managedFields = times(200_000, i => ({ manager: `m${i}` }))
    assert.equal(isTooLarge(virtualService({ v1: 100 }, { managedFields })), false)
  })
})

const manyRoutes = Buffer.from(JSON.stringify(reviewOf({ after: routed(times(200_000, () => ({}))) })))

describe('a review that is too large', () => {
  for (const onError of ['allow', 'deny'] as const) {
    it(`is answered as onError: ${onError} says, with its own reason`, async () => {
      const reviewer = reviewerOf({ onError: () => onError })
      const answer = await answerReview(manyRoutes, 1000, reviewer)
      assert.deepEqual([answer?.response.uid, answer?.response.allowed], ['c0ffee', onError === 'allow'])
      assert.deepEqual(
        reviewer.decisions.map(decided => 'reason' in decided && decided.reason),
        ['too-large'],
      )
      assert.match(JSON.stringify(answer), /the object has too many values/)
    })
  }
  it('is not parsed if that could take all memory, and is answered with its uid', async () => {
    const body = Buffer.from(
      `{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"c0ffee","object":[${'{},'.repeat(2_000_000)}1]}}`,
    )
    assert.equal(isTooDense(body), true)
    const answer = await answerReview(body, 1000, reviewerOf())
    assert.deepEqual([answer?.response.uid, answer?.response.allowed], ['c0ffee', true])
  })
  it('can be one of a small object that affects too many others', async () => {
    const reviewer = reviewerOf()
    const { judge, ...context } = reviewer.context()
    const costly = {
      ...reviewer,
      context: () => ({ ...context, judge: { ...judge, meter: () => meterOf(2) } }),
    }
    const answer = await answerReview(
      Buffer.from(JSON.stringify(reviewOf({ after: virtualService({ v1: 90 }) }))),
      1000,
      costly,
    )
    assert.deepEqual(
      [answer?.response.allowed, ...reviewer.decisions.map(decided => 'reason' in decided && decided.reason)],
      [true, 'too-large'],
    )
    assert.match(JSON.stringify(answer), /the change affects too many objects/)
  })
  it('is none for the density of an object of 1.3 MB in a review', () =>
    assert.equal(
      isTooDense(
        Buffer.from(JSON.stringify(times(50_000, i => ({ name: `a-name-${i}`, value: 'a value' })))),
      ),
      false,
    ))
})

describe('the cost of a review', () => {
  it("does not grow with the square of a host's length", () =>
    assert.deepEqual(coveringHosts('a.'.repeat(20_000)), ['a.'.repeat(20_000), '*']))
  it('is no more than a few keys of a host of many labels', () => {
    const labels = Array.from({ length: 120 }, (_, i) => `a${i}`).join('.')
    const object = routed([{ route: [{ destination: { host: labels } }] }])
    assert.ok(virtualServicesByDestination.keysOf(object as never, snapshot([]).mesh).length < 20)
  })
  it('does not grow with what a change affects beyond a limit', () => {
    const view = snapshot([destinationRule(['v1']), virtualService({ v1: 100 })])
    const found = (mostSubjects?: number): number =>
      judgeChanges({ ...plantedJudge, ...(mostSubjects === undefined ? {} : { mostSubjects }) }, view, [
        { before: destinationRule(['v1']) },
      ]).introduced.length
    assert.deepEqual([found(), found(1)], [1, 0])
  })
})
