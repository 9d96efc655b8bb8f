import assert from 'node:assert/strict'
import test from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { changesOnlyIgnored } from '../../../shared/plan/managers/ignored-fields.ts'
import { jqPaths } from '../../../shared/plan/managers/jq-paths.ts'
import { fc } from '../../properties.ts'

const routes = (...weights: readonly number[]) => [
  { name: 'primary', route: weights.map((weight, i) => ({ destination: { subset: `v${i + 1}` }, weight })) },
]
const virtualService = (spec: object, annotations: Readonly<Record<string, string>> = {}): KubeObject =>
  ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'catalog', annotations },
    spec,
  }) as KubeObject
const before = virtualService({ hosts: ['catalog'], http: routes(100, 0) })
const reweighted = virtualService({ hosts: ['catalog'], http: routes(90, 10) })
const withCohort = virtualService({
  hosts: ['catalog'],
  http: [{ name: 'internal', route: [] }, ...routes(100, 0)],
})

for (const [expression, weights, cohort] of [
  ['.spec.http', true, true],
  ['.spec["http"]', true, true],
  ['."spec"."http"', true, true],
  ['.spec', true, true],
  ['.spec.http[]', true, true],
  ['.spec | .http', true, true],
  ['.spec.hosts, .spec.http', true, true],
  ['.spec.http[].route[].weight', true, false],
  ['.spec.http[]?.route[]?.weight?', true, false],
  ['.spec.http[0].route[].weight', true, false],
  ['.spec.http[-1].route[].weight', true, false],
  ['.spec.http[] | .route[] | .weight', true, false],
  ['.spec.http[] | select(.name == "primary") | .route[].weight', true, false],
  ['.spec.http[] | select(.name != "primary")', false, true],
  ['.spec.http[] | select(.name == "other") | .route', false, false],
  ['.spec.http[0]', true, false],
  ['.spec.http[1].route', false, false],
  ['.spec.hosts', false, false],
  ['.spec.http.route', false, false],
  ['.spec.tcp[].route[].weight', false, false],
  ['.spec.http[] | select(.name | test("prim"))', false, false],
  ['..', false, false],
  ['spec.http', false, false],
  ['', false, false],
] as const)
  test(`the expression '${expression}' ${weights ? 'covers' : 'does not cover'} weights, and ${cohort ? 'covers' : 'does not cover'} a new route`, () => {
    const ignored = { pointers: [], jqPaths: [expression] }
    assert.equal(changesOnlyIgnored(before, reweighted, ignored), weights)
    assert.equal(changesOnlyIgnored(before, withCohort, ignored), cohort)
  })

for (const [pointers, weights, cohort] of [
  [['/spec/http'], true, true],
  [[''], true, true],
  [['/spec/http/0'], true, false],
  [['/spec/http/0/route/0/weight', '/spec/http/0/route/1/weight'], true, false],
  [['/spec/http/0/route/0/weight'], false, false],
  [['/spec/http/7', '/spec/http'], true, true],
  [['/spec/hosts'], false, false],
  [['spec/http'], false, false],
] as const)
  test(`the pointers '${pointers.join("', '")}' ${weights ? 'cover' : 'do not cover'} weights, and ${cohort ? 'cover' : 'do not cover'} a new route`, () => {
    const ignored = { pointers, jqPaths: [] }
    assert.equal(changesOnlyIgnored(before, reweighted, ignored), weights)
    assert.equal(changesOnlyIgnored(before, withCohort, ignored), cohort)
  })

test('an expression that jq fails on is as if it were not there', () => {
  const mixed = (weight: number) =>
    virtualService({ http: [{ redirect: {} }, { route: [{ weight }, { weight: 100 - weight }] }] })
  const covers = (path: string): boolean =>
    changesOnlyIgnored(mixed(1), mixed(2), { pointers: [], jqPaths: [path] })
  assert.deepEqual(
    ['.spec.http[].route[].weight', '.spec.http[].route[]?.weight'].map(path => covers(path)),
    [false, true],
  )
})

test('our own annotations are nobody’s difference, unless they were applied with the source', () => {
  const ignored = { pointers: ['/spec/http'], jqPaths: [] }
  const applied = JSON.stringify({ metadata: { annotations: { 'kubectl-canary/stable': 'v1' } } })
  const annotated = (stable: string, more: Readonly<Record<string, string>> = {}) =>
    virtualService({ http: [] }, { 'kubectl-canary/stable': stable, ...more })
  const last = { 'kubectl.kubernetes.io/last-applied-configuration': applied }
  assert.ok(changesOnlyIgnored(annotated('v1'), annotated('v2'), ignored))
  assert.ok(!changesOnlyIgnored(annotated('v1', last), annotated('v2', last), ignored))
  const other = (owner: string) => virtualService({ http: [] }, { owner })
  assert.ok(!changesOnlyIgnored(other('a'), other('b'), ignored))
})

test('a path in jq and the pointer to the same place cover the same', () => {
  const key = fc.constantFrom('spec', 'http', 'a/b', 'c~d', 'e f')
  const value = fc.letrec(tie => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.integer(),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 3 }),
    ),
  })).tree
  const place = fc.array(fc.oneof(key, fc.nat(2)), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(value, value, place, (left, right, path) => {
      const objects = [left, right].map(spec => virtualService(spec as object))
      const whole = ['spec', ...path]
      const expression = whole.map((part, i) => (i === 0 ? '.' : '') + `[${JSON.stringify(part)}]`).join('')
      const escaped = whole.map(part => String(part).replaceAll('~', '~0').replaceAll('/', '~1'))
      const paths = objects.map(object => jqPaths(expression, object))
      // Where a name is used on a list, a pointer takes digits for an index and jq does not.
      fc.pre(paths.every(found => found !== undefined))
      const covers = (ignored: object): boolean =>
        changesOnlyIgnored(objects[0]!, objects[1]!, { pointers: [], jqPaths: [], ...ignored })
      assert.equal(covers({ jqPaths: [expression] }), covers({ pointers: [`/${escaped.join('/')}`] }))
    }),
  )
})
