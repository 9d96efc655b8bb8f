import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fc } from '../../properties.ts'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { VirtualService } from '../../../shared/objects/virtual-service.ts'
import { recordOf } from '../../../shared/providers/istio/read/record/record.ts'
import { unreadableRecord } from '../../../shared/rules/cohorts/unreadable-record.ts'
import { lintView } from '../../../shared/rules/introduced.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'

const [cohorts, stable] = ['kubectl-canary/cohorts', 'kubectl-canary/stable']
const annotated = (annotations: Readonly<Record<string, unknown>>): KubeObject =>
  ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'catalog', namespace: 'shop', annotations },
    spec: { hosts: ['catalog'], http: [{ route: [{ destination: { host: 'catalog' } }] }] },
  }) as KubeObject
const findings = (object: KubeObject) =>
  lintView(
    { rules: [unreadableRecord], settings: { complete: true, relativeWeights: false } },
    snapshot([object]),
  )
const abouts = (annotations: Readonly<Record<string, unknown>>): readonly string[] =>
  findings(annotated(annotations)).map(({ about }) => about)
const cohort = {
  service: 'catalog.shop',
  name: 'internal',
  to: 'v2',
  routes: ['canary-catalog-internal-1'],
  when: [{ on: 'header', name: 'x-istio-cohort', match: { exact: 'internal' } }],
  until: '2026-08-31T18:00:00Z',
}

/** The object after `kubectl annotate … KEY-`. */
function after(object: KubeObject, command: string): KubeObject {
  const [, key = ''] =
    /^kubectl annotate virtualservices\.networking\.istio\.io catalog -n shop ([\w./-]+)-$/.exec(command)
    ?? []
  const { [key]: _, ...annotations } = object.metadata.annotations!
  assert.notEqual(_, undefined, command)
  return { ...object, metadata: { ...object.metadata, annotations } }
}

describe('a record that cannot be read', () => {
  it('is none, no JSON, or JSON of another form', () => {
    for (const text of [
      '',
      'internal: v2',
      '[]',
      '{}',
      'null',
      '{"cohorts":{}}',
      '{"cohorts":[{"name":"internal"}]}',
      JSON.stringify({ cohorts: [{ ...cohort, routes: [1] }] }),
      JSON.stringify({ cohorts: [{ ...cohort, when: [{ on: 'weather' }] }] }),
      JSON.stringify({ cohorts: [{ ...cohort, until: 5 }] }),
      JSON.stringify({ cohorts: [], restore: 'all' }),
      7,
      null,
    ])
      assert.deepEqual(abouts({ [cohorts]: text }), [cohorts], String(text))
  })
  it('is not one that kubectl canary writes', () => {
    assert.deepEqual(abouts({}), [])
    assert.deepEqual(
      abouts({ [cohorts]: JSON.stringify({ cohorts: [cohort], restore: { stable: ['catalog.shop'] } }) }),
      [],
    )
    assert.deepEqual(abouts({ [cohorts]: '{"cohorts":[],"restore":{"emptyAnnotations":true}}' }), [])
  })
})

/** A record in which any field may be anything. */
const anyRecord = fc.record({
  cohorts: fc.array(
    fc.record(
      Object.fromEntries(
        Object.entries(cohort).map(([key, value]) => [
          key,
          fc.oneof({ weight: 9, arbitrary: fc.constant<unknown>(value) }, fc.jsonValue({ maxDepth: 1 })),
        ]),
      ),
    ),
  ),
})

it('a record is found exactly where an edit could not read it', () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), anyRecord), value => {
      const object = annotated({ [cohorts]: JSON.stringify(value) })
      if (findings(object).length === 0) return assert.ok(recordOf(object as VirtualService))
      assert.throws(
        () => recordOf(object as VirtualService),
        error => error instanceof CanaryError && error.code === 'unreadable',
      )
    }),
  )
})

describe('a stable version that cannot be read', () => {
  it('is empty, or has another form than VERSION or SERVICE=VERSION, …', () => {
    for (const text of [
      '',
      ' ',
      ',',
      'v1,',
      '=v1',
      'catalog=',
      'catalog=v1=v2',
      'v1,v2',
      'catalog=v1,catalog=v2',
      '{"v": 1}',
      5,
    ])
      assert.deepEqual(abouts({ [stable]: text }), [stable], String(text))
  })
  it('is not one that kubectl canary writes', () => {
    for (const text of [
      'v1',
      'version-v1.2',
      '1.20',
      'catalog=v1,orders=v3',
      'catalog.shop=v1, api.example.com=v2',
      'v1,orders=v3',
    ])
      assert.deepEqual(abouts({ [stable]: text }), [], text)
  })
})

describe('the fix of an unreadable record', () => {
  it('is a command for each annotation, after which nothing is found', () => {
    const object = annotated({ [cohorts]: 'internal', [stable]: '', other: 'stays' })
    const found = findings(object)
    assert.equal(found.length, 2)
    for (const order of [found, found.toReversed()]) {
      const fixed = order.reduce((each, { fix }) => after(each, fix), object)
      assert.deepEqual(fixed.metadata.annotations, { other: 'stays' })
      assert.deepEqual(findings(fixed), [])
    }
  })
})
