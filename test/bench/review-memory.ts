/**
 * Answers 100,000 mutated reviews in one process and measures how much the heap grows: ends with 1 where a review
 * has no answer with its uid, or where the heap grows by more than 4 MiB after the first 10,000.
 */
import { runInNewContext } from 'node:vm'
import { setFlagsFromString } from 'node:v8'
import { guardedRules } from '../../shared/rules/catalogue.ts'
import type { Judge } from '../../shared/rules/introduced.ts'
import { answerReview } from '../../webhook/admission/answer-review.ts'
import { fc } from '../properties.ts'
import { mutatedBody, uidIn } from '../webhook/admission/malformed.ts'
import { reviewerOf } from '../webhook/admission/reviewers.ts'

const parts = 10
const reviewsPerPart = 10_000
const mostGrowth = 4 * 2 ** 20

setFlagsFromString('--expose_gc')
const collectGarbage = runInNewContext('gc') as () => void
const heapUsed = (): number => (collectGarbage(), process.memoryUsage().heapUsed)

const judge: Judge = { rules: guardedRules, settings: { complete: true, relativeWeights: false } }
const reviewer = { ...reviewerOf({ judge }), onReviewed: () => undefined }
const { seed } = fc.readConfigureGlobal()

/** Answers other reviews in each part; throws where one has no answer with its uid. */
const answerPart = (part: number): Promise<void> =>
  fc.assert(
    fc.asyncProperty(mutatedBody, async body => {
      const answer = await answerReview(Buffer.from(body), 1000, reviewer)
      return answer?.response.uid === uidIn(body)
    }),
    { numRuns: reviewsPerPart, ...(seed === undefined ? {} : { seed: seed + part }) },
  )

const start = performance.now()
await answerPart(0)
const before = heapUsed()
for (let part = 1; part < parts; part++) await answerPart(part)
const growth = heapUsed() - before
console.log(
  `${parts * reviewsPerPart} mutated reviews in ${((performance.now() - start) / 1000).toFixed(0)} s; the heap grew by ${(growth / 2 ** 20).toFixed(1)} MiB`,
)
if (growth > mostGrowth) {
  console.log(`more than ${mostGrowth / 2 ** 20} MiB`)
  process.exitCode = 1
}
