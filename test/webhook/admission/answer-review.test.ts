import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fc } from '../../properties.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { guardedRules } from '../../../shared/rules/catalogue.ts'
import type { Judge } from '../../../shared/rules/introduced.ts'
import { singleFlight } from '../../../webhook/cache/single-flight.ts'
import { answerReview, type Reviewer } from '../../../webhook/admission/answer-review.ts'
import { plantedRules } from '../planted-rules.ts'
import { destinationRule, reviewOf, virtualService } from '../requests.ts'
import { malformed, mutatedBody, uidIn } from './malformed.ts'
import { reviewerOf } from './reviewers.ts'

const judge: Judge = { rules: guardedRules, settings: { complete: true, relativeWeights: false } }
const bodyOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
const bad = bodyOf(reviewOf({ after: virtualService({ v1: 90, v2: 20 }) }))
/** What it breaks is to be read again before it is denied. */
const unsure = bodyOf(reviewOf({ after: virtualService({ v1: 90, v3: 10 }) }))

async function assertAnswered(body: string, reviewer: Reviewer): Promise<void> {
  const answer = await answerReview(Buffer.from(body), 1000, reviewer)
  assert.equal(answer?.response.uid, uidIn(body))
  if (answer === undefined) return
  assert.equal(typeof answer.response.allowed, 'boolean')
  assert.equal(answer.response.allowed, answer.response.status === undefined)
}

/** A rule that fails on every object. */
const failing: Judge = {
  settings: { complete: true, relativeWeights: false },
  rules: [
    {
      ...plantedRules[0]!,
      check: () => {
        throw new Error('a fault of ours')
      },
    },
  ],
}

/** Failures of a review, by the reason in the metrics. */
const reasons = {
  timeout: { readApi: singleFlight(() => new Promise(() => undefined), 1000) },
  'api-read': {
    readApi: async () => {
      throw new CanaryError('failed', 'no answer')
    },
  },
  'not-synced': {
    context: () => {
      throw new CanaryError('unreachable', 'not yet')
    },
  },
} satisfies Record<string, Partial<Reviewer>>

const reasonsIn = ({ decisions }: ReturnType<typeof reviewerOf>): readonly unknown[] =>
  decisions.map(decided => 'reason' in decided && decided.reason)

describe('a review that cannot be judged', () => {
  it(`is answered with its uid, in all of ${malformed.length} malformed kinds`, async () => {
    assert.ok(malformed.length > 200)
    for (const body of malformed) await assertAnswered(body, reviewerOf({ judge }))
  })

  for (const onError of ['allow', 'deny'] as const) {
    it(`is answered as onError: ${onError} says when a rule fails`, async () => {
      const reviewer = reviewerOf({ judge: failing, onError: () => onError })
      const answer = await answerReview(bad, 1000, reviewer)
      assert.equal(answer?.response.allowed, onError === 'allow')
      assert.deepEqual(reasonsIn(reviewer), ['internal'])
      assert.doesNotMatch(JSON.stringify(answer), /a fault of ours/)
    })
  }
  for (const [reason, fields] of Object.entries(reasons)) {
    it(`is admitted by default for the reason ${reason}`, async () => {
      const reviewer = reviewerOf(fields)
      const answer = await answerReview(unsure, 20, reviewer)
      assert.equal(answer?.response.allowed, true)
      assert.deepEqual(reasonsIn(reviewer), [reason])
    })
  }
  it('is answered even if the log fails', async () => {
    const answer = await answerReview(
      bad,
      1000,
      reviewerOf({
        onReviewed: () => {
          throw new Error('disk full')
        },
      }),
    )
    assert.equal(answer?.response.allowed, false)
  })
})

describe('a review that cannot be judged, by the path that it came by,', () => {
  for (const [fails, isAllowed] of [
    ['closed', false],
    ['open', true],
  ] as const)
    for (const onError of ['allow', 'deny'] as const)
      it(`is ${isAllowed ? 'admitted' : 'denied'} where its path fails ${fails}, with onError: ${onError}`, async () => {
        for (const fields of Object.values(reasons)) {
          const reviewer = reviewerOf({ ...fields, fails, onError: () => onError })
          const answer = await answerReview(unsure, 20, reviewer)
          assert.equal(answer?.response.allowed, isAllowed)
          assert.partialDeepStrictEqual(reviewer.decisions, [{ allowed: isAllowed }])
          const broken = answer?.response.status?.message ?? ''
          assert.equal(/failurePolicy for routes is Fail/.test(broken), fails === 'closed')
        }
      })
  it('is admitted for an exempt user, and for nobody else', async () => {
    for (const fields of Object.values(reasons)) {
      const reviewer = reviewerOf({ ...fields, fails: 'closed', exemptUsers: () => ['jane'] })
      const by = (user: string) =>
        answerReview(bodyOf(reviewOf({ after: virtualService({ v1: 90, v3: 10 }), user })), 20, reviewer)
      assert.deepEqual(
        [(await by('jane'))?.response, (await by('joe'))?.response.allowed],
        [{ uid: 'c0ffee', allowed: true }, false],
      )
      assert.partialDeepStrictEqual(reviewer.decisions[0], {
        confirmed: { verdict: { bypass: 'exempt-user' } },
      })
    }
  })
})

describe('a mutated review', () => {
  it('is answered with its uid', () =>
    fc.assert(
      fc.asyncProperty(mutatedBody, body =>
        assertAnswered(body, { ...reviewerOf({ judge }), onReviewed: () => undefined }),
      ),
      { numRuns: 2000 },
    ))
})

describe('a fault that Istio refuses as well', () => {
  const messageOf = async (after: KubeObject): Promise<string> => {
    const answer = await answerReview(bodyOf(reviewOf({ after })), 1000, reviewerOf({ judge }))
    return answer?.response.status?.message ?? ''
  }
  it('is one fault with one fix: weights', async () => {
    const message = await messageOf(virtualService({ v1: 110, v2: -10 }))
    assert.match(message, /^this would break canary routing\n\[invalid-weight\]/)
    assert.doesNotMatch(message, /istio-rejects/)
  })
  it('is one fault with one fix: a subset that is defined twice', async () => {
    const message = await messageOf(destinationRule(['v1', 'v2', 'v2']))
    assert.match(message, /^this would break canary routing\n\[duplicate-subset\]/)
    assert.doesNotMatch(message, /istio-rejects/)
  })
})
