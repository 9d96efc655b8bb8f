import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { fc } from '../../properties.ts'
import { RE2JS } from 're2js'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { isKind } from '../../../shared/objects/kinds.ts'
import { istioRejects } from '../../../shared/rules/istio/istio-rejects.ts'
import { celRules } from '../../../shared/rules/istio/schema/cel.ts'
import { crdSchemas } from '../../../shared/rules/istio/schema/generated/crd-schemas.ts'
import { formatPath, type RuleSettings } from '../../../shared/rules/rule.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'

interface IstioVerdict {
  readonly id: string
  readonly object: KubeObject
  readonly webhook_allowed: boolean
  readonly crd_error: string | null
}
const verdicts = readFileSync(new URL('../../fixtures/corpus/istiod-verdicts.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .filter(line => line !== '')
  .map(line => JSON.parse(line) as IstioVerdict)

function re2Fault(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern)
    return undefined
  } catch (error) {
    return String(error)
  }
}
const settings: RuleSettings = { complete: false, relativeWeights: false, re2Fault }
const view = snapshot([])
const violationsOf = (object: KubeObject) =>
  istioRejects.flatMap(rule =>
    isKind(rule.subject, object) ? [...rule.check(view, object as never, settings)] : [],
  )

for (const { id, object, webhook_allowed: allowed, crd_error: crdError } of verdicts) {
  const accepted = allowed && crdError === null
  test(`${accepted ? 'accepts' : 'refuses'} what Istio does: ${id}`, () => {
    assert.equal(violationsOf(object).length === 0, accepted, JSON.stringify(violationsOf(object)))
  })
}

const virtualService = (spec: unknown): KubeObject =>
  ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'catalog', namespace: 'shop' },
    spec,
  }) as KubeObject
const pathsOf = (spec: unknown) => violationsOf(virtualService(spec)).map(({ path }) => formatPath(path))

test('names the place of every fault of the structure', () => {
  assert.deepEqual(
    pathsOf({
      hosts: ['catalog'],
      http: [{ timeout: 5, route: [{ destination: { host: 'catalog', weight: 1 }, wieght: 3 }] }],
    }),
    ['spec.http[0].timeout', 'spec.http[0].route[0].destination.weight', 'spec.http[0].route[0].wieght'],
  )
})

test('what it is about does not depend on the place in a list', () => {
  const bad = { route: [{ destination: { host: 'catalog', subset: 'v_1' } }] }
  const good = { match: [{ uri: { exact: '/' } }], route: [{ destination: { host: 'catalog' } }] }
  const about = (...http: object[]) =>
    violationsOf(virtualService({ hosts: ['catalog'], http })).map(violation => violation.about)
  assert.deepEqual(about(bad), about(good, bad))
})

test('regular expressions are not judged where nobody says how', () => {
  const object = virtualService({
    hosts: ['catalog'],
    http: [{ match: [{ uri: { regex: '(' } }], route: [{ destination: { host: 'catalog' } }] }],
  })
  const [rule] = istioRejects
  assert.deepEqual([...rule!.check(view, object as never, { complete: false, relativeWeights: false })], [])
  assert.equal(violationsOf(object).length, 1)
})

test('every CEL rule of the schemas has its counterpart', () => {
  const { nodes } = JSON.parse(crdSchemas) as {
    readonly nodes: readonly { readonly rules?: readonly [string, string][] }[]
  }
  const missing = nodes
    .flatMap(({ rules = [] }) => rules.map(([rule]) => rule))
    .filter(rule => !celRules.has(rule))
  assert.deepEqual(missing, [])
})

test('no object makes the rule crash, and each is judged alike twice', () => {
  const pieces = verdicts.flatMap(({ object }) =>
    Object.entries((Reflect.get(object, 'spec') ?? {}) as object),
  )
  const junk = fc.oneof(
    fc.anything({ maxDepth: 4 }),
    fc.constantFrom(...pieces.map(([, value]) => value as unknown)),
  )
  const spec = fc.oneof(
    junk,
    fc.dictionary(fc.constantFrom(...pieces.map(([key]) => key)), junk),
    fc.record({ http: fc.array(fc.record({ route: fc.array(junk), match: junk }, { requiredKeys: [] })) }),
  )
  fc.assert(
    fc.property(spec, fc.constantFrom(...istioRejects.map(rule => rule.subject)), (value, kind) => {
      const object = { ...virtualService(value), kind }
      assert.deepEqual(violationsOf(object), violationsOf(object))
    }),
    { numRuns: 300 },
  )
})

for (const [kind, good, bad, path] of [
  [
    'Gateway',
    { servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }] },
    { servers: [{ port: { number: '80', name: 'http', protocol: 'HTTP' }, hosts: ['*'] }] },
    'spec.servers[0].port.number',
  ],
  [
    'ServiceEntry',
    { hosts: ['a.com'], resolution: 'DNS' },
    { hosts: ['*'], resolution: 'DNS' },
    'spec.hosts[0]',
  ],
  ['Sidecar', { egress: [{ hosts: ['./*'] }] }, { egress: [{ host: ['./*'] }] }, 'spec.egress[0]'],
  ['WorkloadEntry', { address: '1.2.3.4' }, { address: 'unix://x' }, 'spec.address'],
  [
    'WorkloadGroup',
    { template: { ports: { http: 8080 } } },
    { template: { ports: { http: 70000 } } },
    'spec.template.ports.http',
  ],
] as const) {
  test(`holds a ${kind} to its schema`, () => {
    assert.deepEqual(violationsOf({ ...virtualService(good), kind }), [])
    assert.ok(
      violationsOf({ ...virtualService(bad), kind }).some(violation => formatPath(violation.path) === path),
    )
  })
}
