/** Conflicts with changes under way that end in another way than by the write of the change. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import { guardedRules } from '../../../../shared/rules/catalogue.ts'
import type { RestsOn } from '../../../../shared/rules/rule.ts'
import { LiveView } from '../../../../shared/view/snapshot.ts'
import { RecentChanges } from '../../../../webhook/admission/concurrent/recent-changes.ts'
import { reviewAmongOthers } from '../../../../webhook/admission/concurrent/review-among-others.ts'
import type { ConfirmedVerdict } from '../../../../webhook/admission/confirmed-review.ts'
import { defaultConfig } from '../../../../webhook/config/config.ts'
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
const use: ReviewInput = { before: onlyFirst, after: virtualService({ v1: 50, v2: 50 }) }
const drop: ReviewInput = { before: both, after: destinationRule(['v1']) }
const isAllowed = ({ verdict }: ConfirmedVerdict): boolean => verdict.denials.length === 0

/** A guard whose watch tells of nothing by itself, and what it reads from the API server. */
function guardBeside(answer: (evidence: RestsOn) => Promise<readonly KubeObject[]> | undefined) {
  const view = new LiveView()
  const stored = [namespaceObject(), service(), workload('v1'), workload('v2'), both, onlyFirst]
  for (const object of stored) view.put(object)
  const [recent, reads] = [new RecentChanges(), [] as string[]]
  const review = (input: ReviewInput): Promise<ConfirmedVerdict> =>
    reviewAmongOthers(
      requestFor(input),
      { view, judge, settings: defaultConfig },
      {
        recent,
        bytes: 1000,
        limit: { signal: new AbortController().signal },
        readApi: async evidence => {
          reads.push(evidence.kind)
          return (
            (await answer(evidence))
            ?? view
              .list(evidence.kind)
              .filter(({ metadata }) => evidence.name === undefined || metadata.name === evidence.name)
          )
        },
      },
    )
  return { view, reads, review }
}

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'catalog-v2-5d8f-x',
    namespace: 'shop',
    resourceVersion: '1',
    labels: { app: 'catalog', version: 'v2', 'pod-template-hash': '5d8f' },
    ownerReferences: [
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'catalog-v2-5d8f', controller: true },
    ],
  },
} as KubeObject

it('a change under way that only seems to break a route, as its pods show, holds nobody up', async () => {
  const { reads, review } = guardBeside(({ kind }) => (kind === 'Pod' ? Promise.resolve([pod]) : undefined))
  const other = workload('v2', { labels: { app: 'catalog', version: 'v3' } })
  assert.ok(isAllowed(await review({ before: workload('v2'), after: other })))
  reads.length = 0
  const start = performance.now()
  const used = await review(use)
  assert.ok(isAllowed(used))
  assert.ok(performance.now() - start < 250)
  assert.ok(reads.includes('Pod'))
  assert.equal(used.apiReads, reads.length)
})

it('the evidence of a conflict is read once, however long its end is waited for', async () => {
  const { reads, review } = guardBeside(() => undefined)
  await review(drop)
  const { verdict } = await review(use)
  assert.equal(
    verdict.denials[0]?.message,
    'another change to DestinationRule shop/catalog is under way: try again',
  )
  assert.equal(reads.filter(kind => kind === 'Namespace').length, 1)
})

it('a change that was written while a review read something in vain is what the review is refused for', async () => {
  const reading = Promise.withResolvers<readonly KubeObject[]>()
  const { view, review } = guardBeside(({ name }) => (name === 'gone' ? reading.promise : undefined))
  const { spec, ...rest } = use.after as KubeObject & { readonly spec: { readonly http: readonly object[] } }
  const elsewhere = { match: [{ uri: { prefix: '/a' } }], route: [{ destination: { host: 'gone' } }] }
  const after = { ...rest, spec: { ...spec, http: [elsewhere, ...spec.http] } } as KubeObject
  const waiting = review({ ...use, after })
  assert.ok(isAllowed(await review(drop)))
  const written = drop.after!
  view.put({ ...written, metadata: { ...written.metadata, resourceVersion: '2' } })
  reading.reject(new Error('no answer'))
  const { denials } = (await waiting).verdict
  assert.deepEqual(
    denials.map(({ message }) => message),
    ['catalog.shop.svc.cluster.local subset v2 is not defined: DestinationRule shop/catalog defines only v1'],
  )
})
