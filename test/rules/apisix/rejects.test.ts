import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { parse } from 'yaml'
import { apisixRejects, celRules } from '../../../shared/rules/apisix/schema/apisix-rejects.ts'
import { crdSchemas } from '../../../shared/rules/apisix/schema/generated/crd-schemas.ts'
import { formatPath } from '../../../shared/rules/rule.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'

interface Written {
  readonly apiVersion: string
  readonly kind: 'ApisixRoute'
  readonly metadata: { readonly name: string; readonly namespace: string }
  readonly spec: { readonly http: readonly object[] }
}
const backend = { serviceName: 'a', servicePort: 80 }
const routeOf = (...http: readonly object[]): Written => ({
  apiVersion: 'apisix.apache.org/v2',
  kind: 'ApisixRoute',
  metadata: { name: 'r', namespace: 'shop' },
  spec: { http },
})
const rule = (more: object = {}) => ({
  name: 'all',
  match: { paths: ['/*'] },
  backends: [backend],
  ...more,
})
const expr = (subject: object, more: object = {}) =>
  rule({ match: { paths: ['/*'], exprs: [{ subject, op: 'Equal', value: 'a', ...more }] } })

const accepted: Readonly<Record<string, object>> = {
  'a rule': rule(),
  'ports as names and numbers': rule({ backends: [{ ...backend, servicePort: 'http' }] }),
  'whatever a plugin takes': rule({
    plugins: [{ name: 'cors', enable: true, config: { deep: [{ a: 1 }] } }, { name: 'other' }],
  }),
  'a header that is asked for': expr({ scope: 'Header', name: 'x-a' }),
  'the path that is asked for': expr({ scope: 'Path' }),
}
const refused: Readonly<Record<string, readonly [place: string, rule: object]>> = {
  'a weight in quotes': [
    'spec.http[0].backends[0].weight',
    rule({ backends: [{ ...backend, weight: '9' }] }),
  ],
  'a port that is neither': [
    'spec.http[0].backends[0].servicePort',
    rule({ backends: [{ ...backend, servicePort: true }] }),
  ],
  'a backend without a port': ['spec.http[0].backends[0]', rule({ backends: [{ serviceName: 'a' }] })],
  'a match without paths': ['spec.http[0].match', rule({ match: { hosts: ['a.example.com'] } })],
  'a scope that there is not': [
    'spec.http[0].match.exprs[0].subject.scope',
    expr({ scope: 'Headers', name: 'x-a' }),
  ],
  'a header without a name': ['spec.http[0].match.exprs[0].subject', expr({ scope: 'Header' })],
  'an expression without an operator': [
    'spec.http[0].match.exprs[0]',
    expr({ scope: 'Header', name: 'x-a' }, { op: undefined }),
  ],
  'paths that are no list': ['spec.http[0].match.paths', rule({ match: { paths: '/*' } })],
}

const violationsOf = (object: Written) => [
  ...apisixRejects.check(snapshot([]), object, { complete: false, relativeWeights: false }),
]

for (const [title, written] of Object.entries(accepted))
  test(`accepts ${title}`, () => assert.deepEqual(violationsOf(routeOf(written)), []))
for (const [title, [place, written]] of Object.entries(refused))
  test(`refuses ${title}`, () =>
    assert.deepEqual(
      violationsOf(routeOf(written)).map(({ path }) => formatPath(path)),
      [place],
    ))

test('an unknown field is named with the one that was meant, and of an object from a cluster it is nothing', () => {
  const object = routeOf(rule({ backends: [{ ...backend, wieght: 1 }] }))
  assert.deepEqual(
    violationsOf(object).map(({ fix }) => fix),
    ['Rename spec.http[0].backends[0].wieght to weight.'],
  )
  const kept = { ...object, metadata: { ...object.metadata, uid: 'x' } }
  assert.deepEqual(violationsOf(kept), [])
})

test('every CEL rule of the schema has its counterpart, and each counterpart its rule', () => {
  const { nodes } = JSON.parse(crdSchemas) as {
    readonly nodes: readonly { readonly rules?: readonly [string, string][] }[]
  }
  const texts = new Set(nodes.flatMap(({ rules = [] }) => rules.map(([text]) => text)))
  assert.deepEqual([...texts].toSorted(), [...celRules.keys()].toSorted())
})

test('each part of the CRD is in the schema', () => {
  const text = readFileSync(new URL('../../fixtures/apisix/crds/apisixroutes.yaml', import.meta.url), 'utf8')
  const names = [...JSON.stringify(parse(text)).matchAll(/"properties":\{"(\w+)"/g)].map(([, name]) => name!)
  for (const name of names.filter(each => !['apiVersion', 'conditions', 'lastTransitionTime'].includes(each)))
    assert.ok(crdSchemas.includes(`"${name}"`), name)
})

const real = clusterTests({ crds: ['apisix'] })

real('the API server takes and refuses what lint says', async cluster => {
  const namespace = await cluster.namespace()
  const statusOf = async (written: object): Promise<number> => {
    const { status } = await cluster.request(
      `/apis/apisix.apache.org/v2/namespaces/${namespace}/apisixroutes?dryRun=All&fieldValidation=Strict`,
      { method: 'POST', body: { ...routeOf(written), metadata: { name: 'r', namespace } } },
    )
    return status
  }
  for (const [title, written] of Object.entries(accepted)) assert.equal(await statusOf(written), 201, title)
  for (const [title, [, written]] of Object.entries(refused))
    assert.ok((await statusOf(written)) >= 400, title)
})
