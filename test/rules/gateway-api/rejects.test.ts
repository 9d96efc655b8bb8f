import assert from 'node:assert/strict'
import test from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { isKind } from '../../../shared/objects/kinds.ts'
import { celRules } from '../../../shared/rules/gateway-api/schema/cel.ts'
import { gatewayApiRejects } from '../../../shared/rules/gateway-api/schema/gateway-api-rejects.ts'
import { crdSchemas } from '../../../shared/rules/gateway-api/schema/generated/crd-schemas.ts'
import { formatPath } from '../../../shared/rules/rule.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { fc } from '../../properties.ts'
import { accepted, refused, routeOf, type Case } from './apply-cases.ts'

const view = snapshot([])
const violationsOf = (object: KubeObject) =>
  gatewayApiRejects.flatMap(rule =>
    isKind(rule.subject, object)
      ? [...rule.check(view, object as never, { complete: false, relativeWeights: false })]
      : [],
  )
const refusalsOf = (object: KubeObject): readonly string[] =>
  violationsOf(object)
    .filter(({ severity }) => severity === undefined)
    .map(({ path, message }) => `${formatPath(path)}: ${message}`)

for (const { title, kind, spec } of accepted)
  test(`accepts ${title}`, () => assert.deepEqual(refusalsOf(routeOf(kind, spec)), []))
for (const { title, kind, spec } of refused)
  test(`refuses ${title}`, () => assert.notDeepEqual(refusalsOf(routeOf(kind, spec)), []))

test('every CEL rule of the schemas has its counterpart, and each counterpart its rule', () => {
  const { nodes } = JSON.parse(crdSchemas) as {
    readonly nodes: readonly { readonly rules?: readonly [string, string][] }[]
  }
  const texts = new Set(nodes.flatMap(({ rules = [] }) => rules.map(([rule]) => rule)))
  assert.deepEqual([...texts].toSorted(), [...celRules.keys()].toSorted())
})

const experimental = routeOf('HTTPRoute', {
  rules: [{ retry: { attempts: 3 }, backendRefs: [{ name: 'a', port: 80 }] }],
})

test('a field of the experimental channel is a warning, and of an object from a cluster it is nothing', () => {
  assert.deepEqual(
    violationsOf(experimental).map(({ path, severity }) => [formatPath(path), severity?.lint]),
    [['spec.rules[0].retry', 'warning']],
  )
  const kept = { ...experimental, metadata: { ...experimental.metadata, uid: 'x' } } as KubeObject
  assert.deepEqual(violationsOf(kept), [])
})

test('a value of the experimental channel is a warning, and of an object from a cluster it is nothing', () => {
  const filters = [{ type: 'ExternalAuth', externalAuth: { protocol: 'HTTP', backendRef: { name: 'auth' } } }]
  const object = routeOf('HTTPRoute', { rules: [{ filters, backendRefs: [{ name: 'a', port: 80 }] }] })
  assert.deepEqual(
    violationsOf(object).map(({ path, severity }) => [formatPath(path), severity?.lint]),
    [
      ['spec.rules[0].filters[0].type', 'warning'],
      ['spec.rules[0].filters[0].externalAuth', 'warning'],
    ],
  )
  assert.deepEqual(violationsOf({ ...object, metadata: { ...object.metadata, uid: 'x' } }), [])
})

test('an unknown field is named with the one that was meant', () => {
  const object = routeOf('HTTPRoute', { rules: [{ backendRefs: [{ name: 'a', port: 80, wieght: 1 }] }] })
  const [violation] = violationsOf(object)
  assert.match(violation!.message, /did you mean weight\?/)
  assert.equal(violation!.fix, 'Rename spec.rules[0].backendRefs[0].wieght to weight.')
})

test('nothing makes the rule crash, and each object is judged alike twice', () => {
  const cases = [...accepted, ...refused]
  fc.assert(
    fc.property(
      fc.constantFrom(...cases),
      fc.nat(),
      fc.anything({ maxDepth: 2 }),
      ({ kind, spec }, at, value) => {
        const changed = structuredClone(spec)
        const places = placesIn(changed)
        const [holder, key] = places[at % places.length]!
        Reflect.set(holder, key, value)
        assert.deepEqual(refusalsOf(routeOf(kind, changed)), refusalsOf(routeOf(kind, changed)))
      },
    ),
    { numRuns: 500 },
  )
})

/** Every place in a value that can be set. */
const placesIn = (value: unknown): readonly (readonly [object, string])[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([key, child]) => [[value, key] as const, ...placesIn(child)])

const real = clusterTests({ crds: ['gateway-api'] })

real('the API server takes and refuses what lint says', async cluster => {
  const namespace = await cluster.namespace()
  const verdictOf = async ({ kind, spec }: Case): Promise<string> => {
    const plural = `${kind.toLowerCase()}s`
    const { status, body } = await cluster.request(
      `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/${plural}?dryRun=All&fieldValidation=Strict`,
      { method: 'POST', body: { ...routeOf(kind, spec), metadata: { name: 'x', namespace } } },
    )
    return status < 300 ? '' : JSON.stringify(body)
  }
  for (const each of accepted) assert.equal(await verdictOf(each), '', each.title)
  for (const each of refused) assert.notEqual(await verdictOf(each), '', each.title)
})

real('and so for what is changed at random', async cluster => {
  const namespace = await cluster.namespace()
  const values = fc.oneof(
    fc.constantFrom<unknown>(-1, 0, 1, 80, 1.5, 70_000, '', 'x', 'X', '/', '/a', 'a//b', '*', true, [], {}),
    fc.constantFrom<unknown>('Exact', 'PathPrefix', 'RegularExpression', 'Service', 'GET', '1s', '2s', '0s'),
  )
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...accepted), fc.nat(), values, async ({ kind, spec }, at, value) => {
      const changed = structuredClone(spec)
      const places = placesIn(changed)
      const [holder, key] = places[at % places.length]!
      Reflect.set(holder, key, value)
      const { status, body } = await cluster.request(
        `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/${kind.toLowerCase()}s?dryRun=All&fieldValidation=Strict`,
        { method: 'POST', body: { ...routeOf(kind, changed), metadata: { name: 'x', namespace } } },
      )
      assert.equal(
        refusalsOf(routeOf(kind, changed)).length === 0,
        status < 300,
        JSON.stringify({ changed, body, said: refusalsOf(routeOf(kind, changed)) }),
      )
    }),
    { numRuns: Number(process.env['FC_RUNS'] ?? 400) },
  )
})
