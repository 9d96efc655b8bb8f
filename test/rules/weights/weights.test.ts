import assert from 'node:assert/strict'
import test from 'node:test'
import { fc } from '../../properties.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { introduced, lintView } from '../../../shared/rules/introduced.ts'
import { identityOf } from '../../../shared/rules/findings.ts'
import { formatPath, type AnyRule, type RuleSettings } from '../../../shared/rules/rule.ts'
import { ineffectiveWeight } from '../../../shared/rules/weights/ineffective-weight.ts'
import { invalidWeight } from '../../../shared/rules/weights/invalid-weight.ts'
import { missingWeight } from '../../../shared/rules/weights/missing-weight.ts'
import { repeatedDestination } from '../../../shared/rules/weights/repeated-destination.ts'
import { weightsSumTo100 } from '../../../shared/rules/weights/weights-sum-to-100.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'

const rules: readonly AnyRule[] = [
  weightsSumTo100,
  invalidWeight,
  ineffectiveWeight,
  missingWeight,
  repeatedDestination,
]
const settings: RuleSettings = { complete: false, relativeWeights: false }
type Weights = readonly unknown[]

const virtualService = (spec: unknown, metadata: object = {}): KubeObject =>
  ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'catalog', namespace: 'shop', ...metadata },
    spec,
  }) as KubeObject
const routeOf = (weights: Weights) => ({
  route: weights.map((weight, i) => ({
    destination: { host: 'catalog', subset: `v${i + 1}` },
    ...(weight === undefined ? {} : { weight }),
  })),
})
const withWeights = (weights: Weights, list = 'http') =>
  virtualService({ hosts: ['catalog'], [list]: [routeOf(weights)] })
const findings = (object: KubeObject, chosen: Partial<RuleSettings> = {}) =>
  lintView({ rules, settings: { ...settings, ...chosen } }, snapshot([object]))
const idsOf = (...args: Parameters<typeof findings>) => findings(...args).map(({ rule }) => rule)

for (const list of ['http', 'tcp', 'tls']) {
  test(`weights of ${list} routes must add up to 100`, () => {
    assert.deepEqual(idsOf(withWeights([90, 10], list)), [])
    assert.deepEqual(idsOf(withWeights([90, 20], list)), ['weights-sum-to-100'])
    assert.deepEqual(idsOf(withWeights([100], list)), [])
  })
}

test('names the route, and edits that bring the sum to 100', () => {
  const [finding] = findings(withWeights([90, 20]))
  assert.equal(formatPath(finding!.path), 'spec.http[0].route')
  assert.equal(finding!.fix, 'Set spec.http[0].route[1].weight: 10.')
  assert.equal(
    findings(withWeights([200, 300]))[0]!.fix,
    'Set spec.http[0].route[0].weight: 40, spec.http[0].route[1].weight: 60.',
  )
})

const corrected = (weights: Weights): Weights => {
  const { fix } = findings(withWeights(weights)).find(({ rule }) => rule === 'weights-sum-to-100')!
  const after = weights.map(weight => weight ?? 0)
  for (const [, i, weight] of fix.matchAll(/route\[(\d+)\]\.weight: (\d+)/g))
    after[Number(i)] = Number(weight)
  return after
}

test('the fix keeps the proportion, and rounds by the largest remainder', () => {
  const cases: readonly (readonly [Weights, Weights])[] = [
    [
      [1, 1],
      [50, 50],
    ],
    [
      [2, 1],
      [67, 33],
    ],
    [
      [1, 2],
      [33, 67],
    ],
    [
      [1, 1, 1],
      [34, 33, 33],
    ],
    [
      [1, 0],
      [100, 0],
    ],
    [
      [0, 0],
      [50, 50],
    ],
    [
      [90, 900],
      [9, 91],
    ],
    [
      [60, 20],
      [75, 25],
    ],
  ]
  for (const [weights, after] of cases) assert.deepEqual(corrected(weights), after, weights.join())
})

test('a sum that misses 100 by a slip is put right on one weight, which keeps its share of the traffic', () => {
  const cases: readonly (readonly [Weights, Weights])[] = [
    [
      [90, 20],
      [90, 10],
    ],
    [
      [90, 5],
      [90, 10],
    ],
    [
      [80, 10],
      [80, 20],
    ],
    [
      [100, 10],
      [90, 10],
    ],
    [
      [5, 100],
      [5, 95],
    ],
    [
      [105, 0],
      [100, 0],
    ],
  ]
  for (const [weights, after] of cases) assert.deepEqual(corrected(weights), after, weights.join())
})

test('destinations without a weight take the rest, as the fix of missing-weight says', () => {
  for (const weights of [
    [70, undefined],
    [undefined, 70],
    [undefined, undefined],
    [95, undefined, undefined],
  ]) {
    const after = corrected(weights)
    const { fix } = findings(withWeights(weights)).find(({ rule }) => rule === 'missing-weight')!
    for (const [, i, weight] of fix.matchAll(/route\[(\d+)\]\.weight: (\d+)/g))
      assert.equal(after[Number(i)], Number(weight), weights.join())
  }
})

test('the edits that are proposed always bring the sum to 100', () =>
  fc.assert(
    fc.property(
      fc.array(fc.option(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { nil: undefined }), {
        minLength: 2,
        maxLength: 6,
      }),
      weights => {
        const finding = findings(withWeights(weights)).find(({ rule }) => rule === 'weights-sum-to-100')
        if (finding === undefined) return
        const repaired = [...weights]
        for (const [, i, weight] of finding.fix.matchAll(/route\[(\d+)\]\.weight: (\d+)/g))
          repaired[Number(i)] = Number(weight)
        assert.equal(
          repaired.reduce<number>((sum, weight = 0) => sum + weight, 0),
          100,
        )
      },
    ),
  ))

test('relative weights accept any positive sum', () => {
  assert.deepEqual(idsOf(withWeights([1, 3]), { relativeWeights: true }), [])
  assert.deepEqual(idsOf(withWeights([0, 0]), { relativeWeights: true }), ['weights-sum-to-100'])
})

test('a weight is an integer that fits the API', () => {
  for (const weight of [-1, 2 ** 31, 0.5, '100', true])
    assert.ok(idsOf(withWeights([weight])).includes('invalid-weight'), String(weight))
  assert.deepEqual(idsOf(withWeights([110, -10])), ['invalid-weight'])
})

test('what is set in place of invalid weights leaves no finding', () => {
  for (const weights of [
    [110, -10],
    [150, -20, 10],
    [80, -5],
    [-1, 0],
    [2147483648, 0],
    ['90', '10'],
    [90.5, 10],
    ['a', 'b'],
    [-1],
    [120, 'x', 3],
  ]) {
    const found = findings(withWeights(weights))
    const fixes = found.flatMap(({ rule, fix }) => (rule === 'invalid-weight' ? fix : []))
    assert.notEqual(fixes.length, 0, JSON.stringify(weights))
    const repaired = [...weights]
    // Whichever rule a person follows first.
    for (const each of [...fixes, ...found.map(({ fix }) => fix)])
      for (const [, at, weight] of each.matchAll(/route\[(\d+)\]\.weight: (\d+)/g))
        repaired[Number(at)] = Number(weight)
    assert.deepEqual(idsOf(withWeights(repaired)), [], `${JSON.stringify(weights)}: ${fixes.join('; ')}`)
  }
})

test('a fraction is said once, with the weight that makes the sum right', () => {
  assert.deepEqual(idsOf(withWeights([90.5, 10])), ['invalid-weight'])
})

test('the weight of a single destination has no effect', () => {
  for (const weight of [undefined, 0, 100]) assert.deepEqual(idsOf(withWeights([weight])), [])
  assert.deepEqual(
    findings(withWeights([90])).map(({ rule, severity }) => [rule, severity.webhook]),
    [['ineffective-weight', 'warning']],
  )
})

test('what a rollout controller leaves in mid-rollout is no fault', () => {
  const ownerReferences = [
    { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'catalog', controller: true },
  ]
  assert.deepEqual(idsOf(virtualService({ http: [routeOf([90])] }, { ownerReferences })), [])
})

test('a destination without a weight beside one with a weight gets nothing', () => {
  assert.deepEqual(idsOf(withWeights([undefined, 100])), ['missing-weight'])
  assert.deepEqual(idsOf(withWeights([undefined, undefined])), ['weights-sum-to-100', 'missing-weight'])
  assert.equal(findings(withWeights([70, undefined]))[1]!.fix, 'Set spec.http[0].route[1].weight: 30.')
})

test('a weight under destination is an error in lint only', () => {
  const route = [
    { destination: { host: 'catalog', subset: 'v1', weight: 90 } },
    { destination: { host: 'catalog', subset: 'v2' }, weight: 100 },
  ]
  const found = findings(virtualService({ http: [{ route }] }))
  assert.deepEqual(
    found.map(({ rule, severity, path }) => [rule, severity, formatPath(path)]),
    [['missing-weight', { webhook: 'warning', lint: 'error' }, 'spec.http[0].route[0].destination.weight']],
  )
  assert.match(found[0]!.fix, /spec\.http\[0\]\.route\[0\]\.weight: 90/)
})

test('a destination named twice is found in every spelling', () => {
  const route = [
    { destination: { host: 'catalog', subset: 'v1' }, weight: 50 },
    { destination: { host: 'catalog.shop.svc.cluster.local', subset: 'v1' }, weight: 50 },
  ]
  assert.deepEqual(idsOf(virtualService({ http: [{ route }] })), ['repeated-destination'])
})

test('a fault that moves to another place or another spelling is the same fault', () => {
  const shop = (host: string, before: object[]) =>
    virtualService({
      http: [
        ...before,
        {
          route: [
            { destination: { host, subset: 'v1' }, weight: 90 },
            { destination: { host, subset: 'v2' }, weight: 20 },
          ],
        },
      ],
    })
  const old = shop('catalog', [])
  const moved = shop('catalog.shop.svc.cluster.local', [{ route: [{ destination: { host: 'catalog' } }] }])
  assert.deepEqual(findings(old).map(identityOf), findings(moved).map(identityOf))
  assert.deepEqual(introduced({ rules, settings }, snapshot([old]), [{ before: old, after: moved }]), [])
})

test('a weight list that was wrong, was changed and still is wrong, is a new fault', () => {
  const [before, after] = [withWeights([90, 20]), withWeights([90, 30])]
  assert.equal(introduced({ rules, settings }, snapshot([before]), [{ before, after }]).length, 1)
})

test('no object makes these rules crash, and each is judged alike twice', () =>
  fc.assert(
    fc.property(fc.anything({ maxDepth: 6 }), fc.jsonValue(), (junk, json) => {
      for (const spec of [
        junk,
        json,
        {
          http: junk,
          tcp: [json],
          tls: [{ route: junk }, { route: [json, { destination: json, weight: json }] }],
        },
      ]) {
        assert.deepEqual(findings(virtualService(spec)), findings(virtualService(spec)))
      }
    }),
    { numRuns: 200 },
  ))
