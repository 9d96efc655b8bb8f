import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { keyOf } from '../../../../shared/objects/kube-object.ts'
import { refOf } from '../../../../shared/objects/kinds.ts'
import { guardedRules } from '../../../../shared/rules/catalogue.ts'
import { changedRef, merged, type Change } from '../../../../shared/view/change.ts'
import type { ClusterView } from '../../../../shared/view/cluster-view.ts'
import { overlay } from '../../../../shared/view/overlay.ts'
import { snapshot } from '../../../../shared/view/snapshot.ts'
import { TracedView } from '../../../../shared/view/traced.ts'
import { RecentChanges } from '../../../../webhook/admission/concurrent/recent-changes.ts'
import { reviewAmongOthers } from '../../../../webhook/admission/concurrent/review-among-others.ts'
import { rememberingJudgements } from '../../../../webhook/cache/remembered-judgements.ts'
import { defaultConfig } from '../../../../webhook/config/config.ts'
import type { AdmissionRequest } from '../../../../webhook/review/admission-request.ts'
import { review, type ReviewContext } from '../../../../webhook/review/review.ts'
import { fc } from '../../../properties.ts'
import { worldAndChanges } from '../../../rules/worlds.ts'
import {
  destinationRule,
  namespaceObject,
  requestFor,
  service,
  virtualService,
  workload,
} from '../../requests.ts'

const judge = {
  rules: guardedRules,
  settings: { complete: true, relativeWeights: false },
  mostSubjects: 500,
}
const runs = { numRuns: Number(process.env['FC_RUNS'] ?? 150) }

const requestOfChange = ({ before, after }: Change): AdmissionRequest =>
  requestFor({ ...(before && { before }), ...(after && { after }) })

/** A world and changes of different objects that exist in it or not. */
const worldAndManyChanges = fc
  .tuple(worldAndChanges, worldAndChanges, worldAndChanges)
  .map(([{ objects, changes }, ...more]) => {
    const known = new Map(objects.map(object => [keyOf(refOf(object)), object]))
    const further = more.flatMap(other =>
      other.changes.flatMap(({ after }): readonly Change[] =>
        after === undefined ? [] : [{ before: known.get(keyOf(refOf(after))), after }],
      ),
    )
    return { objects, changes: merged([...changes, ...further]) }
  })

/** The verdict of a change, and of the same with others laid over the view. */
function bothVerdicts(
  view: ClusterView,
  { change, others, context }: { change: Change; others: readonly Change[]; context: Partial<ReviewContext> },
): { readonly isAltered: boolean; readonly alone: unknown; readonly among: unknown } {
  const request = requestOfChange(change)
  const asked = new TracedView(view)
  const settings = defaultConfig
  return {
    alone: review(request, { judge, settings, ...context, view: asked }),
    among: review(request, { judge, settings, view: overlay(view, others) }),
    isAltered: others.some(other => asked.isAlteredBy(other)),
  }
}

const othersThan = (change: Change, all: readonly Change[]): readonly Change[] =>
  all.filter(other => keyOf(changedRef(other)) !== keyOf(changedRef(change)))

describe('changes that alter no answer that a review rests on', () => {
  it('do not change its verdict, in any world, whether it is judged or remembered', () => {
    let unaltered = 0
    fc.assert(
      fc.property(worldAndManyChanges, ({ objects, changes }) => {
        const view = snapshot(objects)
        const judgeChange = rememberingJudgements()
        for (const change of [...changes, ...changes]) {
          for (const others of [
            ...othersThan(change, changes).map(other => [other]),
            othersThan(change, changes),
          ]) {
            const { isAltered, alone, among } = bothVerdicts(view, {
              change,
              others,
              context: { judgeChange },
            })
            if (isAltered) continue
            if (others.length > 0) unaltered++
            assert.deepEqual(among, alone)
          }
        }
      }),
      runs,
    )
    assert.ok(unaltered > 100, 'too few were told to alter nothing')
  })
})

describe('a review among changes that are under way', () => {
  it('is answered as if it were always judged with all of them, in any world', async () => {
    await fc.assert(
      fc.asyncProperty(worldAndManyChanges, async ({ objects, changes }) => {
        const view = snapshot(objects)
        const judgeChange = rememberingJudgements()
        const context = { view, judge, settings: defaultConfig, judgeChange }
        const recent = new RecentChanges()
        for (const change of changes) recent.add(change, 1)
        for (const change of changes) {
          const request = requestOfChange(change)
          const unseen = recent.momentOf(view, changedRef(change)).unseen.map(each => each.change)
          const readApi = async (): Promise<readonly []> => Promise.reject(new Error('not reachable'))
          const parts = { recent, bytes: 1, limit: { signal: AbortSignal.timeout(60_000) }, readApi }
          const outcome = await reviewAmongOthers(request, context, parts).then(
            ({ verdict }) => verdict.denials.length > 0,
            () => 'failed',
          )
          const isDenied = (over: ClusterView): boolean =>
            review(request, { ...context, judgeChange: undefined, view: over }).denials.length > 0
          if (outcome === false) assert.ok(!isDenied(overlay(view, unseen)))
          if (outcome === true) assert.ok(isDenied(view) || isDenied(overlay(view, unseen)))
        }
      }),
      { numRuns: 30 },
    )
  })
})

const objects = [
  namespaceObject(),
  service(),
  destinationRule(['v1', 'v2']),
  ...['v1', 'v2'].map(version => workload(version)),
  virtualService({ v1: 90, v2: 10 }),
]
const step = { before: virtualService({ v1: 90, v2: 10 }), after: virtualService({ v1: 80, v2: 20 }) }
const named = (name: string): Change => ({
  after: {
    ...destinationRule(['v1']),
    metadata: { name, namespace: 'shop' },
    spec: { host: name, subsets: [{ name: 'v1' }] },
  } as never,
})
const countedReview = async (unseen: readonly Change[]): Promise<number> => {
  let judged = 0
  const view = snapshot(objects)
  const judgeChange = rememberingJudgements()
  const recent = new RecentChanges()
  for (const change of unseen) recent.add(change, 1)
  const context: ReviewContext = {
    view,
    judge,
    settings: defaultConfig,
    judgeChange: (...asked) => {
      judged++
      return judgeChange(...asked)
    },
  }
  const readApi = async (): Promise<readonly []> => []
  await reviewAmongOthers(requestFor(step), context, {
    recent,
    bytes: 1,
    limit: { signal: AbortSignal.timeout(5_000) },
    readApi,
  })
  return judged
}
describe('a review is not judged a second time', () => {
  it('where nothing else or only changes of other hosts are under way', async () => {
    assert.equal(await countedReview([]), 1)
    assert.equal(await countedReview([named('payment'), named('stock')]), 1)
  })
  it('but is where a change of the same host is under way', async () => {
    assert.equal(
      await countedReview([
        named('payment'),
        { before: destinationRule(['v1', 'v2']), after: destinationRule(['v1', 'v2', 'v3']) },
      ]),
      2,
    )
  })
})
