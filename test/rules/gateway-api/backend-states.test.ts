/** What distinguishes one backend from another, before and after a change. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { parse } from 'yaml'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { catalogue } from '../../../shared/rules/catalogue.ts'
import { introduced, lintView } from '../../../shared/rules/introduced.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'

const objectOf = (kind: string, name: string, spec: string): KubeObject =>
  ({
    ...(parse(kind) as KubeObject),
    metadata: { name, namespace: 'shop' },
    spec: parse(spec) as object,
  }) as KubeObject
const service = (name: string, spec: string): KubeObject =>
  objectOf('{apiVersion: v1, kind: Service}', name, spec)
const route = (rule: string): KubeObject =>
  objectOf(
    '{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute}',
    'cart',
    `{parentRefs: [{name: web}], rules: [${rule}]}`,
  )
const cart = service('cart', '{selector: {app: cart}, ports: [{name: http, port: 80}]}')
const judge = { rules: catalogue, settings: { complete: true, relativeWeights: false } }
const isAboutBackends = ({ rule }: { readonly rule: string }): boolean =>
  rule.startsWith('unknown-') && rule !== 'unknown-parent'

const toCart = '{name: cart, port: 80}'
for (const [what, before, after, expected] of [
  ['stays', `{name: gone, port: 80, weight: 0}`, `{name: gone, port: 80, weight: 0}`, []],
  [
    'gets its first requests',
    `{name: gone, port: 80, weight: 0}`,
    `{name: gone, port: 80}`,
    ['unknown-backend'],
  ],
  ['is another one', `{name: gone, port: 80}`, `{name: lost, port: 80}`, ['unknown-backend']],
  ['is asked for another port', `{name: cart, port: 81}`, `{name: cart, port: 82}`, ['unknown-port']],
] as const)
  test(`a backend that leads nowhere and ${what}: ${expected.join() || 'no new fault'}`, () => {
    const [one, other] = [before, after].map(backend => route(`{backendRefs: [${toCart}, ${backend}]}`)) as [
      KubeObject,
      KubeObject,
    ]
    const found = introduced(judge, snapshot([cart, one]), [{ before: one, after: other }])
    assert.deepEqual(
      found.filter(isAboutBackends).map(({ rule }) => rule),
      expected,
    )
  })
const mirroring = `filters: [{type: RequestMirror, requestMirror: {backendRef: {name: gone, port: 80}}}]`
const copied = route(`{backendRefs: [${toCart}], ${mirroring}}`)
const idle = route(`{backendRefs: [${toCart}, {name: gone, port: 80, weight: 0}]}`)
const served = route(`{backendRefs: [${toCart}, {name: gone, port: 80}]}`)
for (const [what, before, after] of [
  ['got only copies, and now requests', copied, served],
  ['got nothing, and now copies', idle, copied],
] as const)
  test(`a Service that is not there is a new fault where it ${what}`, () =>
    assert.deepEqual(
      introduced(judge, snapshot([cart, before]), [{ before, after }])
        .filter(isAboutBackends)
        .map(({ rule }) => rule),
      ['unknown-backend'],
    ))

const portRule = 'http-route-on-non-http-port'
const protocolsAt = (ports: string, port: number): readonly (readonly [string, unknown])[] =>
  lintView(
    judge,
    snapshot([
      service('cart', `{selector: {app: cart}, ports: [${ports}]}`),
      route(`{backendRefs: [{name: cart, port: ${port}}]}`),
    ]),
  )
    .filter(({ rule }) => rule === portRule)
    .map(({ message, sets }) => [/speaks (\w+)/.exec(message)![1]!, sets?.path[2]])
test('the protocol of a backend is that of its port: TCP where there is UDP of the same number, too', () => {
  const [http, udp, tcp] = [
    '{name: http, port: 80}',
    '{name: quic, port: 80, protocol: UDP}',
    '{name: tcp-db, port: 5432}',
  ]
  assert.deepEqual(protocolsAt([http, udp].join(), 80), [])
  assert.deepEqual(protocolsAt([udp, http].join(), 80), [])
  assert.deepEqual(protocolsAt([http, tcp].join(), 80), [])
  assert.deepEqual(protocolsAt([http, tcp].join(), 5432), [['TCP', 1]])
  assert.deepEqual(protocolsAt(udp, 80), [['UDP', undefined]])
})

test('a Service whose pods run is not empty, and nobody knows in files of one without a selector', () => {
  const files = { ...judge, settings: { ...judge.settings, complete: false } }
  const workload = objectOf(
    '{apiVersion: apps/v1, kind: Deployment}',
    'cart',
    '{template: {metadata: {labels: {app: cart}}}}',
  )
  const asleep = objectOf(
    '{apiVersion: apps/v1, kind: Deployment}',
    'cart',
    '{replicas: 0, template: {metadata: {labels: {app: cart}}}}',
  )
  const plain = service('cart', '{ports: [{name: http, port: 80}]}')
  const emptyIn = (by: typeof judge, objects: readonly KubeObject[]): number =>
    lintView(by, snapshot([...objects, route(`{backendRefs: [${toCart}]}`)])).filter(
      ({ rule }) => rule === 'backend-matches-no-workload',
    ).length
  assert.equal(emptyIn(judge, [cart, workload]), 0)
  assert.equal(emptyIn(judge, [cart]), 1)
  assert.equal(emptyIn(files, [cart]), 0)
  assert.equal(emptyIn(files, [cart, asleep]), 1)
  assert.equal(emptyIn(judge, [plain]), 1)
  assert.equal(emptyIn(files, [plain]), 0)
})
