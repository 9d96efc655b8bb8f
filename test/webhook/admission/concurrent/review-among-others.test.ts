import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import { guardedRules } from '../../../../shared/rules/catalogue.ts'
import { LiveView } from '../../../../shared/view/snapshot.ts'
import { RecentChanges } from '../../../../webhook/admission/concurrent/recent-changes.ts'
import { reviewAmongOthers } from '../../../../webhook/admission/concurrent/review-among-others.ts'
import type { ConfirmedVerdict } from '../../../../webhook/admission/confirmed-review.ts'
import { defaultConfig } from '../../../../webhook/config/config.ts'
import { fc } from '../../../properties.ts'
import {
  destinationRule,
  namespaceObject,
  requestFor,
  service,
  virtualService,
  workload,
  type ReviewInput,
} from '../../requests.ts'

const judge = { rules: guardedRules, settings: { complete: true, relativeWeights: false } }
const both = destinationRule(['v1', 'v2'])
const onlyFirst = virtualService({ v1: undefined })
const drop: ReviewInput = { before: both, after: destinationRule(['v1']) }
const use: ReviewInput = { before: onlyFirst, after: virtualService({ v1: 50, v2: 50 }) }
const newer = (object: KubeObject): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: '2' },
})

/** A guard whose watch tells of nothing, and the objects that the API server has. */
function guardOver(now?: () => number): {
  readonly view: LiveView
  readonly stored: Map<string, KubeObject>
  readonly review: (input: ReviewInput) => Promise<ConfirmedVerdict>
} {
  const view = new LiveView()
  const objects = [namespaceObject(), service(), workload('v1'), workload('v2'), both, onlyFirst]
  const stored = new Map(objects.map(object => [`${object.kind} ${object.metadata.name}`, object]))
  for (const object of objects) view.put(object)
  const recent = new RecentChanges(now)
  return {
    view,
    stored,
    review: input =>
      reviewAmongOthers(
        requestFor(input),
        { view, judge, settings: defaultConfig },
        {
          recent,
          bytes: 1000,
          limit: { signal: new AbortController().signal },
          readApi: async ({ kind, name }) =>
            [...stored.values()].filter(
              object => object.kind === kind && (name === undefined || object.metadata.name === name),
            ),
        },
      ),
  }
}
/** A pod with labels that it got at admission. */
const podOf = (set: string, labels: Readonly<Record<string, string>>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: `${set}-x`,
    namespace: 'shop',
    resourceVersion: '1',
    labels: { ...labels, 'pod-template-hash': set.split('-').at(-1)! },
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: set, controller: true }],
  },
})
const isAllowed = ({ verdict }: ConfirmedVerdict): boolean => verdict.denials.length === 0

describe('of two changes at the same instant that exclude each other', () => {
  for (const [title, pair] of [
    ['the subset is dropped first', [drop, use]],
    ['the route comes first', [use, drop]],
  ] as const) {
    it(`one is admitted, and the other is to be tried again while the write is under way: ${title}`, async () => {
      const { review } = guardOver()
      const [first, second] = (await Promise.all(pair.map(review))) as [ConfirmedVerdict, ConfirmedVerdict]
      assert.deepEqual([isAllowed(first), second.verdict.denials.length], [true, 1])
      const [denial] = second.verdict.denials
      const other = pair[0] === drop ? 'DestinationRule shop/catalog' : 'VirtualService shop/catalog'
      assert.equal(denial!.message, `another change to ${other} is under way: try again`)
      assert.equal(denial!.fix, 'Run the same command again.')
    })
    it(`the other is refused for what is wrong as soon as the write is there: ${title}`, async () => {
      const { review, stored } = guardOver()
      const first = await review(pair[0])
      const waiting = review(pair[1])
      const written = newer(pair[0].after!)
      stored.set(`${written.kind} catalog`, written)
      const { verdict } = await waiting
      assert.ok(isAllowed(first))
      assert.deepEqual(
        verdict.denials.map(({ rule }) => rule),
        ['undefined-subset'],
      )
      assert.doesNotMatch(verdict.denials[0]!.message, /under way/)
    })
  }
  it('the other is admitted where the first was not written after all and something else was', async () => {
    const { review, stored } = guardOver()
    await review(drop)
    const waiting = review(use)
    stored.set('DestinationRule catalog', newer(both))
    assert.ok(isAllowed(await waiting))
  })
})

describe('a change that only pods speak for, which are read before a denial', () => {
  it('is admitted beside another one that does not exclude it, at once', async () => {
    const { view, stored, review } = guardOver()
    const bare = workload('v2', { labels: { app: 'catalog' } })
    view.put({ ...bare, metadata: { ...bare.metadata, resourceVersion: '2' } })
    stored.set(
      'Deployment catalog-v2',
      view.get({ kind: 'Deployment', namespace: 'shop', name: 'catalog-v2' })!,
    )
    stored.set('Pod catalog-v2-5d8f-x', podOf('catalog-v2-5d8f', { app: 'catalog', version: 'v2' }))
    assert.ok(isAllowed(await review({ before: both, after: destinationRule(['v1', 'v2', 'v3']) })))
    const start = performance.now()
    assert.deepEqual((await review(use)).verdict.denials, [])
    assert.ok(performance.now() - start < 250)
  })
})

describe('a change that was admitted a moment ago', () => {
  it('is not remembered if it was a dry run or was refused', async () => {
    const { review } = guardOver()
    assert.ok(isAllowed(await review({ ...drop, dryRun: true })))
    assert.ok(!isAllowed(await review({ before: both, after: destinationRule(['v2']) })))
    assert.ok(isAllowed(await review(use)))
  })
  it('is forgotten after two seconds, and as soon as the watch tells of it', async () => {
    let time = 0
    const late = guardOver(() => time)
    await late.review(drop)
    time = 2_001
    assert.ok(isAllowed(await late.review(use)))

    const told = guardOver()
    await told.review(drop)
    told.view.put(newer(both))
    assert.ok(isAllowed(await told.review(use)))
  })
  it('hinders neither another change of the same object, nor other namespaces, nor what has nothing to do with it', async () => {
    const { review } = guardOver()
    await review(drop)
    assert.ok(isAllowed(await review({ before: both, after: destinationRule(['v1', 'v2', 'v3']) })))
    const again = guardOver()
    await again.review(drop)
    const elsewhere = { ...destinationRule(['v1']), metadata: { name: 'catalog', namespace: 'other' } }
    assert.ok(isAllowed(await again.review({ after: elsewhere })))
    assert.ok(isAllowed(await again.review({ before: workload('v2'), after: workload('v2') })))
  })
  it('is forgotten first where many large ones were admitted since', () => {
    const recent = new RecentChanges(() => 0)
    const view = new LiveView()
    const subject = { kind: 'Service', namespace: 'shop', name: 'other' } as const
    for (let i = 0; i < 10; i++)
      recent.add({ after: destinationRule([], { name: `rule-${i}` }) }, 1024 * 1024)
    const names = recent.momentOf(view, subject).unseen.map(({ ref }) => ref.name)
    assert.deepEqual(names, ['rule-6', 'rule-7', 'rule-8', 'rule-9'])
  })
})

describe('the memory of changes that were admitted', () => {
  it('is not taken up by one that is admitted again and again', () => {
    const recent = new RecentChanges(() => 0)
    recent.add({ after: destinationRule([], { name: 'small' }) }, 1)
    for (let i = 0; i < 20; i++) recent.add({ after: destinationRule([], { name: 'large' }) }, 1024 * 1024)
    const subject = { kind: 'Service', namespace: 'shop', name: 'other' } as const
    const names = recent.momentOf(new LiveView(), subject).unseen.map(({ ref }) => ref.name)
    assert.deepEqual(names, ['small', 'large'])
  })
})

const nameOf = (i: number): string => `rule-${i}`
const ruleOf = (i: number, version: number): KubeObject => {
  const rule = destinationRule([], { name: nameOf(i) })
  return { ...rule, metadata: { ...rule.metadata, resourceVersion: String(version) } }
}
const which = fc.nat({ max: 3 })
const event = fc.oneof(
  fc.record({ admit: which }),
  fc.record({ tell: which }),
  fc.record({ wait: fc.nat({ max: 2_500 }) }),
  fc.record({ ask: which, isCache: fc.boolean() }),
)

/** Lets events happen, and gives what was told after each question beside what a plain list of the admitted ones says. */
function toldIn(
  events: readonly (typeof event extends fc.Arbitrary<infer T> ? T : never)[],
): readonly (readonly [told: readonly string[], expected: readonly string[]])[] {
  let time = 0
  const recent = new RecentChanges(() => time)
  const view = new LiveView()
  const versions = [1, 1, 1, 1]
  const admitted = new Map<number, number>()
  return events.flatMap(each => {
    if ('wait' in each) time += each.wait
    else if ('tell' in each) {
      view.put(ruleOf(each.tell, (versions[each.tell]! += 1)))
      admitted.delete(each.tell)
    } else if ('admit' in each) {
      const before = ruleOf(each.admit, versions[each.admit]!)
      view.put(before)
      recent.add({ before, after: before }, 1)
      admitted.set(each.admit, time)
    } else {
      const subject = { kind: 'DestinationRule', namespace: 'shop', name: nameOf(each.ask) } as const
      const { unseen } = recent.momentOf(view, subject, each.isCache)
      const expected = [...admitted].filter(([i, at]) => i !== each.ask && at >= time - 2_000)
      return [
        [unseen.map(({ ref }) => ref.name).toSorted(), expected.map(([i]) => nameOf(i)).toSorted()] as const,
      ]
    }
    return []
  })
}

describe('a change that was admitted', () => {
  it('is told of for two seconds after it was admitted last, until the view has it, in any order of events', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40, size: 'max' }), events => {
        for (const [told, expected] of toldIn(events)) assert.deepEqual(told, expected)
      }),
      { numRuns: 500 },
    )
  })
})

describe('a route to what is being deleted', () => {
  const isGone = (object: KubeObject): KubeObject => ({
    ...object,
    metadata: { ...object.metadata, resourceVersion: '2', deletionTimestamp: '2026-01-01T00:00:00Z' },
  })
  for (const [title, object] of [
    ['a DestinationRule', both],
    ['a Deployment', workload('v2')],
  ] as const) {
    it(`is refused with what goes, and without a wait: ${title}`, async () => {
      const { view, stored, review } = guardOver()
      view.put(isGone(object))
      stored.set(`${object.kind} ${object.metadata.name}`, isGone(object))
      const start = performance.now()
      const [denial, ...others] = (await review(use)).verdict.denials
      assert.ok(performance.now() - start < 250)
      assert.deepEqual(others, [])
      assert.match(
        denial!.message,
        new RegExp(`: ${object.kind} shop/${object.metadata.name} is being deleted$`),
      )
    })
  }
  it('that was there before may be changed, and what is being deleted may be deleted again', async () => {
    const { view, review } = guardOver()
    view.put(isGone(both))
    assert.ok(isAllowed(await review({ before: onlyFirst, after: virtualService({ v1: 100 }) })))
    assert.equal((await review({ before: isGone(both) })).verdict.bypass, 'being-deleted')
  })
})
