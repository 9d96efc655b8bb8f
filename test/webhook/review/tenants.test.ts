import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { type Verdict } from '../../../webhook/review/review.ts'
import { foreignIn } from '../../../webhook/review/tell/told-finding.ts'
import { judgedAmong, rulesOf } from '../judged.ts'
import {
  destinationRule,
  namespaceObject,
  service,
  virtualService,
  workload,
  type ReviewInput,
} from '../requests.ts'

const defined = destinationRule(['v1', 'v2'])
const host = 'catalog.shop.svc.cluster.local'

/** A route of the namespace `other` that leads to a subset of the Service in the namespace `shop`. */
const foreign = (subset: string, namespace = 'other'): KubeObject =>
  ({
    ...virtualService({}, { namespace }),
    spec: { hosts: [host], http: [{ route: [{ destination: { host, subset, port: { number: 80 } } }] }] },
  }) as KubeObject

const base = [
  namespaceObject(),
  namespaceObject({ name: 'other' }),
  namespaceObject({ name: 'istio-system' }),
  service(),
  workload('v1'),
  workload('v2'),
]
const judged = judgedAmong(base)
const effects = ({ denials, warnings }: Verdict): readonly (readonly string[])[] =>
  [denials, warnings].map(rulesOf)

const edits: readonly (readonly [string, string, ReviewInput])[] = [
  ['drops a subset', 'undefined-subset', { before: defined, after: destinationRule(['v1']) }],
  ['deletes its DestinationRule', 'subset-without-destination-rule', { before: defined }],
  [
    'moves a port',
    'unknown-port',
    {
      before: service(),
      after: {
        ...service(),
        spec: { selector: { app: 'catalog' }, ports: [{ name: 'http', port: 81 }] },
      } as KubeObject,
    },
  ],
  [
    'adds a workload without the label',
    'missing-version-label',
    { after: workload('v3', { labels: { app: 'catalog' } }) },
  ],
]

describe('a route of another namespace', () => {
  for (const [does, rule, change] of edits) {
    it(`only warns the owner of a Service who ${does}`, () => {
      assert.deepEqual(effects(judged(change, [defined, foreign('v2')])), [[], [rule]])
    })
    it(`of crossNamespace.deny refuses the owner of a Service who ${does}`, () => {
      const settings = { crossNamespace: { deny: ['other'] } }
      assert.deepEqual(effects(judged(change, [defined, foreign('v2')], settings))[0], [rule])
    })
    it(`of the root namespace refuses the owner of a Service who ${does}`, () => {
      assert.deepEqual(effects(judged(change, [defined, foreign('v2', 'istio-system')]))[0], [rule])
    })
  }
  it('is denied itself if it names a subset that the Service does not have', () => {
    assert.deepEqual(effects(judged({ after: foreign('v9') }, [defined])), [['undefined-subset'], []])
  })
  it('is denied itself if a workload behind its destination has no label of the subsets', () => {
    const bare = { ...workload('v3', { labels: { app: 'catalog' } }) }
    assert.deepEqual(effects(judged({ after: foreign('v2') }, [defined, bare]))[0], ['missing-version-label'])
  })
})

describe('a private route without a share, with a private DestinationRule for all hosts', () => {
  it('asks nothing of the workloads of other namespaces', () => {
    const rule = {
      ...destinationRule([], { name: 'all', namespace: 'other' }),
      spec: {
        host: '*.svc.cluster.local',
        exportTo: ['.'],
        subsets: [{ name: 'x', labels: { 'made-up': 'x' } }],
      },
    } as KubeObject
    const destination = (subset: string | undefined, weight: number): object => ({
      destination: { host, ...(subset === undefined ? {} : { subset }) },
      weight,
    })
    const route = (weight: number): KubeObject =>
      ({
        ...virtualService({}, { namespace: 'other' }),
        spec: {
          hosts: [host],
          exportTo: ['.'],
          http: [{ route: [destination(undefined, 100 - weight), destination('x', weight)] }],
        },
      }) as KubeObject
    const added = { after: workload('v3') }
    const [idle, active] = [0, 50].map(weight => effects(judged(added, [rule, route(weight)]))) as [
      readonly (readonly string[])[],
      readonly (readonly string[])[],
    ]
    assert.deepEqual(idle, [[], []])
    assert.deepEqual(active[0], [])
    assert.ok(active[1]!.includes('missing-version-label'))
  })
})

describe('what a finding tells of another namespace', () => {
  const hidden = {
    ...defined,
    spec: { ...(Reflect.get(defined, 'spec') as object), exportTo: ['.'] },
  } as KubeObject
  const told: readonly (readonly [
    rule: string,
    subset: string,
    rules: readonly KubeObject[],
    kind: string,
  ])[] = [
    ['undefined-subset', 'v9', [defined], 'Deployment'],
    ['subset-without-destination-rule', 'v2', [], 'Deployment'],
    ['subset-matches-no-workload', 'v3', [destinationRule(['v1', 'v2', 'v3'])], 'Deployment'],
    ['subset-hidden-from-clients', 'v2', [hidden], 'DestinationRule'],
  ]
  for (const [rule, subset, rules, kind] of told)
    it(`includes a ${kind}, where ${rule} names its labels or subsets`, () => {
      const { denials, warnings } = judged({ after: foreign(subset) }, rules)
      const finding = [...denials, ...warnings].find(each => each.rule === rule)
      const objects = finding && foreignIn(finding, 'other')
      assert.ok(
        objects?.some(each => each.kind === kind && each.namespace === 'shop'),
        JSON.stringify(objects),
      )
    })
})
