import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { keyOf } from '../../../shared/objects/kube-object.ts'
import { refOf } from '../../../shared/objects/kinds.ts'
import { catalogue } from '../../../shared/rules/catalogue.ts'
import { judgeChanges } from '../../../shared/rules/introduced.ts'
import type { Finding } from '../../../shared/rules/rule.ts'
import type { Change } from '../../../shared/view/change.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { objectsOf } from '../../providers/istio/resolve/corpus.ts'

const judge = { rules: catalogue, settings: { complete: true, relativeWeights: false } }
const id = 'subset-hidden-from-clients'
const host = 'catalog.shop.svc.cluster.local'

const one = (text: string): KubeObject => objectsOf(text)[0]!
const istio = (kind: string, name: string, spec: string): KubeObject => {
  const [namespace, own] = name.split('/')
  return one(
    `{apiVersion: networking.istio.io/v1, kind: ${kind}, metadata: {name: ${own}, namespace: ${namespace}, creationTimestamp: '2024-01-01T00:00:00Z'}, spec: ${spec}}`,
  )
}
const service = (annotations = ''): KubeObject =>
  one(
    `{apiVersion: v1, kind: Service, metadata: {name: catalog, namespace: shop, annotations: {${annotations}}}, spec: {clusterIP: 10.0.0.1, selector: {app: catalog}, ports: [{name: http, port: 80}]}}`,
  )
const workload = (version: string): KubeObject =>
  one(
    `{apiVersion: apps/v1, kind: Deployment, metadata: {name: catalog-${version}, namespace: shop}, spec: {template: {metadata: {labels: {app: catalog, version: ${version}}}}}}`,
  )
const subsets = (...names: readonly string[]): string =>
  `subsets: [${names.map(name => `{name: ${name}, labels: {version: ${name}}}`).join()}]`
const rule = (name: string, rest: string): KubeObject =>
  istio('DestinationRule', name, `{host: ${host}, ${rest}}`)
const to = (subset?: string, more = ''): string =>
  `{destination: {host: ${host}${subset === undefined ? '' : `, subset: ${subset}`}}${more}}`
const routes = (...lists: readonly string[]): KubeObject =>
  istio(
    'VirtualService',
    'shop/catalog',
    `{hosts: [catalog], http: [${lists.map((list, i) => `{match: ${i < lists.length - 1 ? '[{uri: {prefix: /a}}]' : '[]'}, ${list}}`).join()}]}`,
  )
const base = (...destinations: readonly string[]): string => `route: [${destinations.join()}]`

const plain = routes(base(to()))
const pinned = routes(base(to('v1')))
const tls = rule('web/mtls', 'trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}')
const defined = rule('shop/catalog', subsets('v1', 'v2'))
const world = [service(), workload('v1'), workload('v2')]

const judged = (objects: readonly KubeObject[], ...changes: readonly Change[]) =>
  judgeChanges(judge, snapshot([...world, ...objects]), changes)
const hidden = (findings: readonly Finding[]): readonly Finding[] =>
  findings.filter(({ rule: each }) => each === id)
/** The severities of what the change introduces. */
const weights = (objects: readonly KubeObject[], ...changes: readonly Change[]): readonly string[] =>
  hidden(judged(objects, ...changes).introduced).map(({ severity }) => `${severity.webhook} ${severity.lint}`)
const messages = (objects: readonly KubeObject[], ...changes: readonly Change[]): readonly string[] =>
  hidden(judged(objects, ...changes).introduced).map(({ message }) => message)

describe('a change of routes that takes a working destination from a client is an error', () => {
  it("a route that is pinned to a subset that a client's own DestinationRule has not", () => {
    const change = { before: plain, after: pinned }
    assert.deepEqual(weights([tls, defined, plain], change), ['error error'])
    assert.deepEqual(messages([tls, defined, plain], change), [
      `clients in web lose ${host}: DestinationRule web/mtls applies there and has no subset v1`,
    ])
  })
  it('a route that is pinned to a subset whose DestinationRule is exported to others only', () => {
    const narrow = rule('shop/catalog', `exportTo: [web], ${subsets('v1')}`)
    const [message] = messages([narrow, plain], { before: plain, after: pinned })
    assert.match(message!, /^clients in .*shop.*any other namespace lose catalog\.shop/)
    assert.match(message!, /shop\/catalog, which defines subset v1, is not exported to them$/)
    assert.doesNotMatch(message!, /\bweb\b/)
    assert.deepEqual(weights([narrow, plain], { before: plain, after: pinned }), ['error error'])
  })
  it('a plan that makes the subsets and pins the route at once', () =>
    assert.deepEqual(weights([tls, plain], { after: defined }, { before: plain, after: pinned }), [
      'error error',
    ]))
  it('a first step of a canary whose version the client does not see', () => {
    const own = rule('web/own', subsets('v1'))
    const after = routes(base(to('v1', ', weight: 90'), to('v2', ', weight: 10')))
    assert.deepEqual(weights([defined, own, pinned], { before: pinned, after }), ['error error'])
  })
  it('one of several routes, where another one was broken for the client before', () => {
    const before = routes(base(to('v1')), base(to()))
    const after = routes(base(to('v1')), base(to('v1')))
    assert.deepEqual(weights([tls, defined, before], { before, after }), ['error error'])
    assert.equal(hidden(judged([tls, defined, before], { before, after }).standing).length, 1)
  })
})

describe('a change of a DestinationRule that takes a working destination from a client is an error', () => {
  it("a DestinationRule of a client's own namespace that hides the Service's", () =>
    assert.deepEqual(messages([defined, pinned], { after: tls }), [
      `clients in web lose ${host}: DestinationRule web/mtls applies there and has no subset v1`,
    ]))
  it('an exportTo that is narrowed', () =>
    assert.deepEqual(
      weights([defined, pinned], {
        before: defined,
        after: rule('shop/catalog', `exportTo: [web], ${subsets('v1')}`),
      }),
      ['error error'],
    ))
  it('a subset that goes from the DestinationRule of some clients', () => {
    const own = rule('web/own', subsets('v1'))
    assert.deepEqual(
      messages([defined, own, pinned], { before: own, after: rule('web/own', subsets('v2')) }),
      [`clients in web lose ${host}: DestinationRule web/own applies there and has no subset v1`],
    )
  })
  it("the deletion of the Service's DestinationRule, where other clients have one of their own", () =>
    assert.deepEqual(weights([defined, rule('web/own', subsets('v1')), pinned], { before: defined }), [
      'error error',
    ]))
  it("the deletion of a client's own DestinationRule, where others were without the subset before", () => {
    const own = rule('web/own', subsets('v1'))
    const secret = rule('shop/catalog', `exportTo: ['.'], ${subsets('v1')}`)
    assert.match(messages([secret, own, pinned], { before: own }).join(), /^clients in web lose /)
  })
  it('a further namespace that loses the subset beside those that had lost it before', () => {
    const other = rule('app/mtls', 'trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}')
    assert.deepEqual(messages([defined, pinned, tls], { after: other }), [
      `clients in app lose ${host}: DestinationRule app/mtls applies there and has no subset v1`,
    ])
    assert.deepEqual(hidden(judged([defined, pinned, tls], { after: other }).standing), [])
  })
})

describe('what worked before may also be', () => {
  it("Istio's own route to the Service", () => {
    assert.deepEqual(weights([tls, defined], { after: pinned }), ['error error'])
    assert.deepEqual(
      weights(
        [tls, defined, istio('VirtualService', 'shop/catalog', `{hosts: [other], http: [{${base(to())}}]}`)],
        {
          before: istio('VirtualService', 'shop/catalog', `{hosts: [other], http: [{${base(to())}}]}`),
          after: pinned,
        },
      ),
      ['error error'],
    )
  })
  it('the route of another VirtualService, which is deleted', () => {
    const older = one(
      JSON.stringify({
        ...plain,
        metadata: { ...plain.metadata, name: 'a', creationTimestamp: '2023-01-01T00:00:00Z' },
      }),
    )
    assert.deepEqual(weights([tls, defined, older, pinned], { before: older }), ['error error'])
  })
  it('a route to another host', () => {
    const elsewhere = routes('route: [{destination: {host: old}}]')
    const old = one(JSON.stringify({ ...service(), metadata: { name: 'old', namespace: 'shop' } }))
    assert.deepEqual(weights([old, tls, defined, elsewhere], { before: elsewhere, after: pinned }), [
      'error error',
    ])
  })
})

describe('a change that takes nothing that worked from a client stays a warning', () => {
  it('a route that led the client to a hidden subset before', () =>
    assert.deepEqual(weights([tls, defined, pinned], { before: pinned, after: routes(base(to('v2'))) }), [
      'warning warning',
    ]))
  it('what was there before is not introduced', () =>
    assert.deepEqual(
      weights([tls, defined, pinned], {
        before: pinned,
        after: { ...pinned, metadata: { ...pinned.metadata, labels: { a: 'b' } } },
      }),
      [],
    ))
  it('a DestinationRule that repairs the route for others', () => {
    const narrow = rule('shop/catalog', `exportTo: [web], ${subsets('v1')}`)
    const { introduced } = judged([pinned], { after: narrow })
    assert.deepEqual(
      hidden(introduced).map(({ severity }) => severity.webhook),
      ['warning'],
    )
  })
  it('a Service that comes after the route', () => {
    const view = snapshot([workload('v1'), tls, defined, pinned])
    assert.deepEqual(
      hidden(judgeChanges(judge, view, [{ after: service() }]).introduced).map(
        ({ severity }) => severity.webhook,
      ),
      ['warning'],
    )
  })
})

describe('a client loses nothing', () => {
  it('by a VirtualService for a Service that it did not see', () => {
    const secret = service("networking.istio.io/exportTo: 'shop'")
    const view = snapshot([secret, workload('v1'), defined])
    const { introduced } = judgeChanges(judge, view, [{ after: pinned }])
    assert.deepEqual(
      introduced.filter(({ severity }) => severity.webhook === 'error').map(({ rule: each }) => each),
      [],
    )
  })
  it('by a mirror, of which only the copy is lost', () => {
    const mirrored = routes(`${base(to())}, mirror: {host: ${host}, subset: v1}`)
    assert.deepEqual(weights([tls, defined, plain], { before: plain, after: mirrored }), ['warning warning'])
  })
  it('where it is a gateway that had no route', () => {
    const gateway = (namespace: string): KubeObject =>
      istio(
        'Gateway',
        `${namespace}/gw`,
        `{selector: {gw: ${namespace}}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]}`,
      )
    const own = rule('edge/mtls', 'trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}')
    const through = (gateways: string, destination: string): KubeObject =>
      istio(
        'VirtualService',
        'shop/catalog',
        `{hosts: [catalog.example.com], gateways: [${gateways}], http: [{${base(destination)}}]}`,
      )
    const objects = [gateway('edge'), gateway('shop'), own, defined]
    const ofShop = through('shop/gw', to('v1'))
    const ofBoth = through('shop/gw, edge/gw', to('v1'))
    const open = through('shop/gw, edge/gw', to())
    assert.deepEqual(weights([...objects, ofShop], { before: ofShop, after: ofBoth }), ['warning warning'])
    assert.deepEqual(weights([...objects, open], { before: open, after: ofBoth }), ['error error'])
  })
})

describe('what is said of a loss', () => {
  for (const [title, rules, fix] of [
    [
      'the export of the rule to them',
      [rule('shop/catalog', `exportTo: [web], ${subsets('v1')}`)],
      '["web","shop"]',
    ],
    [
      'no export of a rule that Istio merges with another',
      [
        rule('shop/catalog', `exportTo: [web], ${subsets('v1')}`),
        rule('shop/other', `exportTo: [web], ${subsets('v2')}`),
      ],
      undefined,
    ],
    [
      'no export of a rule of another namespace',
      [rule('web/catalog', `exportTo: [web], ${subsets('v1')}`)],
      undefined,
    ],
  ] as const)
    it(`ends in ${title}, where all who lose are known by name`, () => {
      const [before, after] = [plain, pinned].map(object => ({
        ...object,
        spec: { ...(Reflect.get(object, 'spec') as object), exportTo: ['web', 'shop'] },
      }))
      const [finding] = hidden(judged([...rules, before!], { before: before!, after: after! }).introduced)
      const command =
        /^kubectl patch destinationrules\.networking\.istio\.io catalog -n shop --type=merge -p='{"spec":{"exportTo":(.*)}}'$/
      assert.equal(command.exec(finding!.fix)?.[1], fix)
    })
  it('ends in the command that defines the subset for those clients', () => {
    const [finding] = hidden(judged([tls, defined, plain], { before: plain, after: pinned }).introduced)
    assert.match(
      finding!.fix,
      /^kubectl patch destinationrules\.networking\.istio\.io mtls -n web --type=merge /,
    )
  })
  it('rests on the DestinationRules of those who lose', () => {
    const own = rule('web/own', subsets('v1'))
    const secret = rule('shop/catalog', `exportTo: ['.'], ${subsets('v1')}`)
    const [finding] = hidden(judged([secret, own, pinned], { before: own }).introduced)
    assert.ok(finding!.restsOn!.some(each => each.kind === 'DestinationRule' && each.namespace === 'web'))
  })
  it('is said of the VirtualService, whatever is changed', () => {
    const [finding] = hidden(judged([defined, pinned], { after: tls }).introduced)
    assert.equal(keyOf(finding!.ref), keyOf(refOf(pinned)))
  })
})

describe('a client that loses the service by a delegate', () => {
  const root = istio('VirtualService', 'shop/root', '{hosts: [catalog], http: [{delegate: {name: leaf}}]}')
  const leaf = (subset: string): KubeObject =>
    istio(
      'VirtualService',
      'shop/leaf',
      `{http: [{${base(to(subset))}, mirror: {host: ${host}, subset: v2}}]}`,
    )
  const clientRule = rule('web/catalog', subsets('v1'))
  it('loses it also where a mirror that it does not see has the same subset', () => {
    const [before, after] = [leaf('v1'), leaf('v2')]
    assert.deepEqual(weights([defined, clientRule, root, before], { before, after }), ['error error'])
  })
})
