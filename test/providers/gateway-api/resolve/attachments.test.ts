import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import type { ServiceRoute } from '../../../../shared/objects/gateway-api.ts'
import {
  attachmentsOf,
  conditionReasonOf,
} from '../../../../shared/providers/gateway-api/resolve/attachments.ts'
import { fc } from '../../../properties.ts'
import { gateway, namespace, route, service, toService, viewOf, type Written } from '../written-objects.ts'

/** What becomes of each parent, in short: `listener-0 a.example.com`, `catalog 80 producer`, or why nothing does. */
function attached(objects: readonly KubeObject[], one: ServiceRoute, complete = true): readonly string[] {
  return attachmentsOf(viewOf([...objects, one]), one, { complete }).map(
    ({ listeners, service: at, refusal, isAssumed }) =>
      refusal
      ?? (isAssumed
        ? 'assumed'
        : at === undefined
          ? listeners.map(({ listener, hostnames }) => `${listener.name} ${hostnames.join(' ')}`).join(', ')
          : `${at.service.metadata.name} ${at.ports.join(' ')} ${at.role}`),
  )
}

const listening = (listeners: readonly object[], written: Written = {}): string =>
  attached([gateway('infra/gw', listeners)], route('shop/r', written))[0]!

/** From the documentation of `hostname` and `hostnames` in the specification, and what it leaves open there. */
const hostnames: readonly (readonly [
  listener: string | undefined,
  route: readonly string[],
  common: string,
])[] = [
  [undefined, [], '*'],
  [undefined, ['a.example.com'], 'a.example.com'],
  ['a.example.com', [], 'a.example.com'],
  ['a.example.com', ['a.example.com'], 'a.example.com'],
  ['A.example.com', ['a.EXAMPLE.com'], 'a.example.com'],
  ['test.example.com', ['*.example.com'], 'test.example.com'],
  ['*.example.com', ['test.example.com', 'foo.test.example.com'], 'test.example.com foo.test.example.com'],
  ['*.example.com', ['*.example.com'], '*.example.com'],
  ['*.example.com', ['*.test.example.com'], '*.test.example.com'],
  ['*.test.example.com', ['*.example.com'], '*.test.example.com'],
  ['*.example.com', ['test.example.com', 'test.example.net'], 'test.example.com'],
  ['*.example.com', ['example.com', 'test.example.net'], ''],
  ['*.example.com', ['anexample.com'], ''],
  ['a.example.com', ['b.example.com'], ''],
]

describe('a route at a Gateway', () => {
  it('has the hostnames that it has in common with the listener', () => {
    for (const [hostname, asked, common] of hostnames)
      assert.equal(
        listening([hostname === undefined ? {} : { hostname }], { hostnames: asked }),
        common === '' ? 'no-matching-hostname' : `listener-0 ${common}`,
        `${hostname} and ${asked.join(' ')}`,
      )
  })

  it('is attached to all listeners that take it', () => {
    assert.equal(
      listening(
        [{ hostname: 'a.example.com' }, { hostname: 'b.example.net' }, { port: 443, protocol: 'HTTPS' }],
        {
          hostnames: ['a.example.com'],
        },
      ),
      'listener-0 a.example.com, listener-2 a.example.com',
    )
  })

  it('is attached to the listener that it names, and on the port that it names', () => {
    const two = [{}, { port: 8080 }]
    const by = (rest: object) => listening(two, { parents: [{ namespace: 'infra', name: 'gw', ...rest }] })
    assert.equal(by({ sectionName: 'listener-1' }), 'listener-1 *')
    assert.equal(by({ port: 80 }), 'listener-0 *')
    assert.equal(by({ sectionName: 'listener-1', port: 80 }), 'no-such-listener')
    assert.equal(by({ sectionName: 'other' }), 'no-such-listener')
  })
})

describe('a route that a Gateway may not have', () => {
  it('is refused by listeners for other protocols, kinds and namespaces', () => {
    const from = (namespaces: object | undefined, rest: object = {}) =>
      listening([{ allowedRoutes: { namespaces, ...rest } }])
    for (const protocol of ['TLS', 'TCP', 'UDP', 'example.com/own', ''])
      assert.equal(listening([{ protocol }]), 'not-allowed', protocol)
    assert.equal(from(undefined), 'not-allowed')
    assert.equal(from({ from: 'Same' }), 'not-allowed')
    assert.equal(from({ from: 'None' }), 'not-allowed')
    assert.equal(from({ from: 'Other' }), 'not-allowed')
    const all = { from: 'All' }
    assert.equal(from(all, { kinds: [{ kind: 'GRPCRoute' }] }), 'not-allowed')
    assert.equal(from(all, { kinds: [{ group: 'example.com', kind: 'HTTPRoute' }] }), 'not-allowed')
    assert.equal(from(all, { kinds: [{ kind: 'GRPCRoute' }, { kind: 'HTTPRoute' }] }), 'listener-0 *')
    assert.equal(from(all, { kinds: [] }), 'listener-0 *')
  })

  it('is let in by its own namespace, or by the labels of its namespace', () => {
    const from = (namespaces: object, objects: readonly KubeObject[], of = 'shop') =>
      attached([gateway('infra/gw', [{ allowedRoutes: { namespaces } }]), ...objects], route(`${of}/r`))[0]
    const selecting = (selector: object) => ({ from: 'Selector', selector })
    const shop = [namespace('shop', { team: 'a' })]
    assert.equal(from({}, [], 'infra'), 'listener-0 *')
    assert.equal(from(selecting({ matchLabels: { team: 'a' } }), shop), 'listener-0 *')
    assert.equal(from(selecting({ matchLabels: { team: 'b' } }), shop), 'not-allowed')
    assert.equal(from({ from: 'Selector' }, shop), 'not-allowed')
    const byName = selecting({ matchLabels: { 'kubernetes.io/metadata.name': 'shop' } })
    assert.equal(from(byName, shop), 'listener-0 *')
    const expression = (operator: string, values?: readonly string[]) =>
      selecting({ matchExpressions: [{ key: 'team', operator, values }] })
    assert.equal(from(expression('In', ['a', 'b']), shop), 'listener-0 *')
    assert.equal(from(expression('NotIn', ['a']), shop), 'not-allowed')
    assert.equal(from(expression('Exists'), shop), 'listener-0 *')
    assert.equal(from(expression('DoesNotExist'), shop), 'not-allowed')
    assert.equal(from(expression('Like', ['a']), shop), 'not-allowed')
  })
})

describe('a route whose Gateway is not all in view', () => {
  it('may be let in by a namespace whose labels are not in view', () => {
    const selecting = { from: 'Selector', selector: { matchLabels: { team: 'a' } } }
    const gw = gateway('infra/gw', [{ allowedRoutes: { namespaces: selecting } }])
    assert.deepEqual(attached([gw], route('shop/r')), ['not-allowed'])
    assert.deepEqual(attached([gw], route('shop/r'), false), ['listener-0 *'])
  })

  it('is not attached to a Gateway that is not there, but for files, where it may be elsewhere', () => {
    assert.deepEqual(attached([], route('shop/r')), ['no-such-gateway'])
    assert.deepEqual(attached([], route('shop/r'), false), ['assumed'])
    const unread = viewOf([], { unread: new Set(['Gateway.gateway.networking.k8s.io']) })
    assert.equal(attachmentsOf(unread, route('shop/r'), { complete: true })[0]?.isAssumed, true)
  })

  it('tells the reason that the specification has', () => {
    assert.equal(conditionReasonOf['not-allowed'], 'NotAllowedByListeners')
    assert.equal(conditionReasonOf['no-matching-hostname'], 'NoMatchingListenerHostname')
    assert.equal(conditionReasonOf['no-such-listener'], 'NoMatchingParent')
  })
})

describe('a route in the mesh', () => {
  const ports = [
    { name: 'http', port: 80 },
    { name: 'admin', port: 9000 },
    { name: 'dns', port: 53, protocol: 'UDP' },
  ]
  const at = (parent: object, spec: object = {}, of = 'shop') =>
    attached([service('shop/catalog', { ports, ...spec })], route(`${of}/r`, { parents: [parent] }))[0]

  it('is for all ports of its Service, or for those that it names', () => {
    assert.equal(at(toService('catalog')), 'catalog 80 9000 producer')
    assert.equal(at(toService('catalog', { group: 'core' })), 'catalog 80 9000 producer')
    assert.equal(at(toService('catalog', { port: 9000 })), 'catalog 9000 producer')
    assert.equal(at(toService('catalog', { sectionName: 'admin' })), 'catalog 9000 producer')
    assert.equal(at(toService('catalog', { port: 8080 })), 'no-such-port')
    assert.equal(at(toService('catalog', { port: 53 })), 'no-such-port')
  })

  it('is a consumer’s where it is of another namespace than its Service', () => {
    assert.equal(at(toService('catalog', { namespace: 'shop' }), {}, 'web'), 'catalog 80 9000 consumer')
  })

  it('may be attached to a headless Service', () => {
    const one = route('shop/r', { parents: [toService('catalog')] })
    const headless = (spec: object) =>
      attachmentsOf(viewOf([service('shop/catalog', spec), one]), one, { complete: true })[0]?.service
        ?.isHeadless
    assert.equal(headless({ clusterIP: 'None' }), true)
    assert.equal(headless({ clusterIP: '10.0.0.1' }), false)
  })

  it('is not attached to what is no Service of the mesh', () => {
    assert.equal(at(toService('orders')), 'no-such-service')
    assert.equal(at(toService('catalog'), { type: 'ExternalName' }), 'unsupported-service')
    assert.equal(at({ group: 'networking.istio.io', kind: 'Gateway', name: 'x' }), 'unsupported-parent')
    assert.equal(at({ kind: 'Service', name: 'catalog' }), 'unsupported-parent')
    assert.deepEqual(attached([], route('shop/r', { parents: [toService('x')] }), false), ['assumed'])
  })

  it('may be attached to a kind that is not read', () => {
    for (const parent of [
      { kind: 'ListenerSet', name: 'x' },
      { group: 'networking.istio.io', kind: 'ServiceEntry', name: 'x' },
    ])
      assert.deepEqual(attached([], route('shop/r', { parents: [parent] }), true), ['assumed'])
  })
})

describe('attachments', () => {
  it('are read of whatever is written', () => {
    const names = `spec parentRefs hostnames listeners name kind group allowedRoutes namespaces from kinds
      selector matchExpressions hostname port protocol sectionName ports`
    const key = fc.constantFrom(...names.split(/\s+/))
    const anything = fc.anything({
      key,
      maxDepth: 5,
      values: [fc.constantFrom('gw', 'HTTP', 80, null, 'Selector', '*.')],
    })
    fc.assert(
      fc.property(anything, anything, anything, (one, other, third) => {
        const gw = { ...gateway('infra/gw'), spec: one } as never
        const odd = { ...route('shop/r'), spec: other } as never
        const wild = { ...service('shop/catalog'), spec: third } as never
        const parents = route('shop/s', {
          parents: [{ name: 'gw', namespace: 'infra' }, toService('catalog')],
        })
        const view = viewOf([gw, odd, wild, parents])
        for (const each of [odd, parents]) attachmentsOf(view, each, { complete: true })
      }),
    )
  })
})
