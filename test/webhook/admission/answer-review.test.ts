import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { runInNewContext } from 'node:vm'
import { setFlagsFromString } from 'node:v8'
import { fc } from '../../properties.ts'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { catalogue } from '../../../shared/rules/catalogue.ts'
import type { Judge } from '../../../shared/rules/introduced.ts'
import { singleFlight } from '../../../webhook/cache/single-flight.ts'
import { answerReview, type Reviewer } from '../../../webhook/admission/answer-review.ts'
import { plantedRules } from '../planted-rules.ts'
import { reviewOf, virtualService } from '../requests.ts'
import { malformed, placesIn, replaced, sound } from './malformed.ts'
import { reviewerOf } from './reviewers.ts'

const judge: Judge = { rules: catalogue, settings: { complete: true, relativeWeights: false } }
const bodyOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
const bad = bodyOf(reviewOf({ after: virtualService({ v1: 90, v2: 20 }) }))

/** The uid that an answer must have: that of the body, if it has one. */
function uidIn(body: string): string | undefined {
  try {
    const uid = (JSON.parse(body) as { request?: { uid?: unknown } } | null)?.request?.uid
    return typeof uid === 'string' && uid !== '' ? uid : undefined
  } catch {
    return undefined
  }
}

async function assertAnswered(body: string, reviewer: ReturnType<typeof reviewerOf>): Promise<void> {
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

/** What keeps a review from a verdict, by the reason that the metrics give. */
const reasons = {
  timeout: { readAgain: singleFlight(() => new Promise(() => undefined), 1000) },
  'read-through': {
    readAgain: async () => {
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
    it(`is answered as onError: ${onError} has it when a rule fails`, async () => {
      const reviewer = reviewerOf({ judge: failing, onError: () => onError })
      const answer = await answerReview(bad, 1000, reviewer)
      assert.equal(answer?.response.allowed, onError === 'allow')
      assert.deepEqual(reasonsIn(reviewer), ['internal'])
      assert.doesNotMatch(JSON.stringify(answer), /a fault of ours/)
    })
  }
  for (const [reason, fields] of Object.entries(reasons)) {
    it(`is let through by default for the reason ${reason}`, async () => {
      const reviewer = reviewerOf(fields)
      const answer = await answerReview(bad, 20, reviewer)
      assert.equal(answer?.response.allowed, true)
      assert.deepEqual(reasonsIn(reviewer), [reason])
    })
  }
  it('is answered even if the log fails', async () => {
    const answer = await answerReview(
      bad,
      1000,
      reviewerOf({
        onDecision: () => {
          throw new Error('disk full')
        },
      }),
    )
    assert.equal(answer?.response.allowed, false)
  })
})

describe('100,000 mutated reviews', () => {
  setFlagsFromString('--expose_gc')
  const collect = runInNewContext('gc') as () => void
  const heap = (): number => (collect(), process.memoryUsage().heapUsed)
  const places = placesIn(sound)
  const mutation = fc.tuple(
    fc.nat(places.length - 1),
    fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom(undefined, 'CREATE', 'DELETE', 'Service', 'DestinationRule', 'apps', 'Deployment', 101),
    ),
  )
  const mutated = fc.array(mutation, { minLength: 1, maxLength: 3 }).map(mutations =>
    mutations.reduce<unknown>((value, [place, by]) => {
      try {
        return replaced(value, places[place]!, by)
      } catch {
        return value // The place went with an earlier mutation.
      }
    }, sound),
  )

  it('are all answered with their uid, and leave no memory behind', { timeout: 1_200_000 }, async () => {
    const reviewer = { ...reviewerOf({ judge }), onDecision: () => undefined }
    const { seed } = fc.readConfigureGlobal()
    const run = (part: number): Promise<void> =>
      fc.assert(
        fc.asyncProperty(mutated, async review => {
          const body = JSON.stringify(review) ?? ''
          const answer = await answerReview(Buffer.from(body), 1000, reviewer)
          return (
            answer?.response.uid === uidIn(body)
            && (answer === undefined || answer.response.allowed === (answer.response.status === undefined))
          )
        }),
        { numRuns: 10_000, ...(seed === undefined ? {} : { seed: seed + part }) },
      )
    await run(0)
    const before = heap()
    for (let part = 1; part < 10; part++) await run(part)
    const grown = heap() - before
    assert.ok(grown < 4 * 2 ** 20, `the heap grew by ${grown} bytes`)
  })
})
