import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { namespaceOf, type KubeObject } from '../../../shared/objects/kube-object.ts'
import { refOf } from '../../../shared/objects/kinds.ts'
import { catalogue } from '../../../shared/rules/catalogue.ts'
import type { RestsOn } from '../../../shared/rules/rule.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { defaultConfig } from '../../../webhook/config/config.ts'
import { decide, type Decision } from '../../../webhook/admission/decide.ts'
import type { ReadAgain } from '../../../webhook/cache/single-flight.ts'
import { plantedJudge } from '../planted-rules.ts'
import {
  destinationRule,
  namespaceObject,
  requestFor,
  service,
  virtualService,
  type Asked,
} from '../requests.ts'

/** A cluster that is ahead of the cache, and what was read from it. */
function clusterOf(objects: readonly KubeObject[]): {
  readonly readAgain: ReadAgain
  readonly read: RestsOn[]
} {
  const read: RestsOn[] = []
  const isMeant = (resting: RestsOn, object: KubeObject): boolean =>
    object.kind === resting.kind
    && (resting.name === undefined
      ? namespaceOf(object) === resting.namespace
      : refOf(object).name === resting.name)
  return {
    read,
    readAgain: async resting => (read.push(resting), objects.filter(object => isMeant(resting, object))),
  }
}

function decided(
  asked: Asked & { readonly signal?: AbortSignal },
  cached: readonly KubeObject[],
  readAgain: ReadAgain,
): Promise<Decision> {
  const { signal = new AbortController().signal } = asked
  return decide(
    requestFor(asked),
    { view: snapshot(cached), judge: plantedJudge, settings: defaultConfig },
    { readAgain, signal },
  )
}
const route = virtualService({ v1: 90, v2: 10 })
const defined = destinationRule(['v1', 'v2'])
const base = [namespaceObject(), service()]

describe('before a denial', () => {
  it('finds a DestinationRule that has overtaken the watch', async () => {
    const { verdict, readThroughs } = await decided(
      { after: route },
      base,
      clusterOf([...base, defined]).readAgain,
    )
    assert.deepEqual(verdict.denials, [])
    assert.equal(readThroughs, 2)
  })
  it('finds a subset that was added a moment ago', async () => {
    const newer = destinationRule(['v1', 'v2'], { resourceVersion: '2' })
    const { verdict } = await decided(
      { after: route },
      [...base, destinationRule(['v1'])],
      clusterOf([...base, newer]).readAgain,
    )
    assert.deepEqual(verdict.denials, [])
  })
  it('lets the DestinationRule of a route go that was deleted a moment ago', async () => {
    const { verdict } = await decided(
      { before: defined },
      [...base, defined, route],
      clusterOf([...base, defined]).readAgain,
    )
    assert.deepEqual(verdict.denials, [])
  })
  it('sees that the namespace is being terminated', async () => {
    const terminating = namespaceObject({ deletionTimestamp: '2026-01-01T00:00:00Z', resourceVersion: '2' })
    const { verdict } = await decided(
      { before: defined },
      [...base, defined, route],
      clusterOf([terminating, service(), defined, route]).readAgain,
    )
    assert.equal(verdict.passage, 'namespace-terminating')
  })
  it('denies what the cluster confirms', async () => {
    const { verdict } = await decided({ after: route }, base, clusterOf(base).readAgain)
    assert.deepEqual(
      verdict.denials.map(({ rule }) => rule),
      ['undefined-subset', 'undefined-subset'],
    )
  })
})

describe('reading again before a denial', () => {
  it('does not doubt a cache in which nothing is wrong', async () => {
    const { verdict } = await decided(
      { after: virtualService({ v1: 100 }) },
      [...base, defined],
      clusterOf(base).readAgain,
    )
    assert.deepEqual(verdict.denials, [])
  })
  it('reads nothing where nothing is denied', async () => {
    const { readAgain, read } = clusterOf([])
    await decided({ after: route }, [...base, defined], readAgain)
    assert.deepEqual(read, [])
  })
  it('does not read the object of the request again', async () => {
    const { readAgain, read } = clusterOf(base)
    await decided({ after: virtualService({ v1: 90, v2: 20 }) }, [...base, defined], readAgain)
    assert.deepEqual(
      read.map(({ kind }) => kind),
      ['Namespace'],
    )
  })
  it('reads little for a change that breaks very much', async () => {
    const routes = Array.from({ length: 500 }, (_, i) => ({
      ...route,
      metadata: { ...route.metadata, name: `r${i}` },
    }))
    const { readAgain, read } = clusterOf([...base, ...routes])
    const { verdict } = await decided({ before: defined }, [...base, defined, ...routes], readAgain)
    assert.ok(verdict.denials.length > 0 && read.length <= 16, `${read.length} reads`)
  })
  it('gives up when the time is over', async () => {
    const signal = AbortSignal.abort(new DOMException('late', 'TimeoutError'))
    await assert.rejects(
      decided({ after: route, signal }, base, async (_, given) => given.throwIfAborted() as never),
      /late/,
    )
  })
})

describe('a Service that seems to be missing', () => {
  it('is asked for, as nobody could miss its subsets else', async () => {
    const judge = { rules: catalogue, settings: { complete: true, relativeWeights: false } }
    const decideOn = (readAgain: ReadAgain): Promise<Decision> =>
      decide(
        requestFor({ after: route }),
        { view: snapshot([namespaceObject()]), judge, settings: defaultConfig },
        { readAgain, signal: new AbortController().signal },
      )
    const late = await decideOn(clusterOf(base).readAgain)
    assert.deepEqual(
      late.verdict.denials.map(({ rule }) => rule),
      ['subset-without-destination-rule', 'subset-without-destination-rule'],
    )
    const { read, readAgain } = clusterOf([namespaceObject()])
    const without = await decideOn(readAgain)
    assert.deepEqual(
      [without.verdict.denials, new Set(without.verdict.warnings.map(({ rule }) => rule))],
      [[], new Set(['unknown-host', 'applies-nowhere'])],
    )
    assert.deepEqual(read, [refOf(service())])
    const failing = await decideOn(() => Promise.reject(new Error('no answer')))
    assert.deepEqual(failing.verdict.warnings, without.verdict.warnings)
  })
})
