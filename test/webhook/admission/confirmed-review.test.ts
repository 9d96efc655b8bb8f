import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { namespaceOf, type KubeObject } from '../../../shared/objects/kube-object.ts'
import { refOf } from '../../../shared/objects/kinds.ts'
import { guardedRules } from '../../../shared/rules/catalogue.ts'
import type { RestsOn } from '../../../shared/rules/rule.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { defaultConfig } from '../../../webhook/config/config.ts'
import { confirmedReview, type ConfirmedVerdict } from '../../../webhook/admission/confirmed-review.ts'
import type { ApiRead } from '../../../webhook/cache/single-flight.ts'
import { plantedJudge } from '../planted-rules.ts'
import {
  destinationRule,
  namespaceObject,
  requestFor,
  service,
  virtualService,
  type ReviewInput,
} from '../requests.ts'

/** A cluster that is ahead of the cache, and what was read from it. */
function clusterOf(objects: readonly KubeObject[]): {
  readonly readApi: ApiRead
  readonly read: RestsOn[]
} {
  const read: RestsOn[] = []
  const isMeant = (evidence: RestsOn, object: KubeObject): boolean =>
    object.kind === evidence.kind
    && (evidence.name === undefined
      ? namespaceOf(object) === evidence.namespace
      : refOf(object).name === evidence.name)
  return {
    read,
    readApi: async evidence => (read.push(evidence), objects.filter(object => isMeant(evidence, object))),
  }
}

function decided(
  asked: ReviewInput & { readonly signal?: AbortSignal },
  cached: readonly KubeObject[],
  readApi: ApiRead,
): Promise<ConfirmedVerdict> {
  const { signal = new AbortController().signal } = asked
  return confirmedReview(
    requestFor(asked),
    { view: snapshot(cached), judge: plantedJudge, settings: defaultConfig },
    { readApi, limit: { signal } },
  )
}
const route = virtualService({ v1: 90, v2: 10 })
const defined = destinationRule(['v1', 'v2'])
const base = [namespaceObject(), service()]

describe('before a denial', () => {
  it('finds a DestinationRule that is newer than the cache', async () => {
    const { verdict, apiReads } = await decided({ after: route }, base, clusterOf([...base, defined]).readApi)
    assert.deepEqual(verdict.denials, [])
    assert.equal(apiReads, 2)
  })
  it('finds a subset that was added a moment ago', async () => {
    const newer = destinationRule(['v1', 'v2'], { resourceVersion: '2' })
    const { verdict } = await decided(
      { after: route },
      [...base, destinationRule(['v1'])],
      clusterOf([...base, newer]).readApi,
    )
    assert.deepEqual(verdict.denials, [])
  })
  it('admits the deletion of a DestinationRule whose route was deleted a moment ago', async () => {
    const { verdict } = await decided(
      { before: defined },
      [...base, defined, route],
      clusterOf([...base, defined]).readApi,
    )
    assert.deepEqual(verdict.denials, [])
  })
  it('sees that the namespace is being terminated', async () => {
    const terminating = namespaceObject({ deletionTimestamp: '2026-01-01T00:00:00Z', resourceVersion: '2' })
    const { verdict } = await decided(
      { before: defined },
      [...base, defined, route],
      clusterOf([terminating, service(), defined, route]).readApi,
    )
    assert.equal(verdict.bypass, 'namespace-terminating')
  })
  it('denies what the cluster confirms', async () => {
    const { verdict } = await decided({ after: route }, base, clusterOf(base).readApi)
    assert.deepEqual(
      verdict.denials.map(({ rule }) => rule),
      ['undefined-subset', 'undefined-subset'],
    )
  })
})

describe('reading again before a denial', () => {
  it('is not needed if the cache shows no error', async () => {
    const { verdict } = await decided(
      { after: virtualService({ v1: 100 }) },
      [...base, defined],
      clusterOf(base).readApi,
    )
    assert.deepEqual(verdict.denials, [])
  })
  it('reads nothing where nothing is denied', async () => {
    const { readApi, read } = clusterOf([])
    await decided({ after: route }, [...base, defined], readApi)
    assert.deepEqual(read, [])
  })
  it('reads nothing for what the object of the request alone shows', async () => {
    const { readApi, read } = clusterOf(base)
    const { verdict } = await decided(
      { after: virtualService({ v1: 90, v2: 20 }) },
      [...base, defined],
      readApi,
    )
    assert.deepEqual(
      verdict.denials.map(({ rule }) => rule),
      ['weights-sum-to-100'],
    )
    assert.deepEqual(read, [])
  })
  it('reads the evidence of the other denials before it says all of them together', async () => {
    const { readApi, read } = clusterOf(base)
    const { verdict } = await decided({ after: virtualService({ v1: 90, v2: 20 }) }, base, readApi)
    assert.deepEqual(
      new Set(verdict.denials.map(({ rule }) => rule)),
      new Set(['weights-sum-to-100', 'undefined-subset']),
    )
    assert.ok(read.length > 0)
  })
})

describe('the reads before a denial', () => {
  it('are limited for a change that breaks very much', async () => {
    const routes = Array.from({ length: 500 }, (_, i) => ({
      ...route,
      metadata: { ...route.metadata, name: `r${i}` },
    }))
    const { readApi, read } = clusterOf([...base, ...routes])
    const { verdict } = await decided({ before: defined }, [...base, defined, ...routes], readApi)
    assert.ok(verdict.denials.length > 0 && read.length <= 16, `${read.length} reads`)
  })
  it('end when the time is over', async () => {
    const signal = AbortSignal.abort(new DOMException('late', 'TimeoutError'))
    await assert.rejects(
      decided({ after: route, signal }, base, async (_, given) => given.throwIfAborted() as never),
      /late/,
    )
  })
})

describe('a Service that seems to be missing', () => {
  it('is read, because subsets of an unknown host are not judged', async () => {
    const judge = { rules: guardedRules, settings: { complete: true, relativeWeights: false } }
    const decideOn = (readApi: ApiRead): Promise<ConfirmedVerdict> =>
      confirmedReview(
        requestFor({ after: route }),
        { view: snapshot([namespaceObject()]), judge, settings: defaultConfig },
        { readApi, limit: { signal: new AbortController().signal } },
      )
    const late = await decideOn(clusterOf(base).readApi)
    assert.deepEqual(
      late.verdict.denials.map(({ rule }) => rule),
      ['subset-without-destination-rule', 'subset-without-destination-rule'],
    )
    const { read, readApi } = clusterOf([namespaceObject()])
    const without = await decideOn(readApi)
    assert.deepEqual(
      [without.verdict.denials, new Set(without.verdict.warnings.map(({ rule }) => rule))],
      [[], new Set(['unknown-host', 'applies-nowhere'])],
    )
    assert.deepEqual(read, [refOf(service())])
    const failing = await decideOn(() => Promise.reject(new Error('no answer')))
    assert.deepEqual(failing.verdict.warnings, without.verdict.warnings)
  })
})
