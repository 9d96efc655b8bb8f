import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { ServiceRoute } from '../../../shared/objects/gateway-api.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { planInit } from '../../../shared/plan/plan-init.ts'
import { gatewayApi } from '../../../shared/providers/gateway-api/provider.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { gateway, route } from '../../providers/gateway-api/written-objects.ts'
import { around, catalogRoute, target, to } from './shop.ts'

type Port = Readonly<Record<string, unknown>>
const isService = ({ kind, metadata }: KubeObject, name: string): boolean =>
  kind === 'Service' && metadata.name === name

/** The shop, with other ports of the Service of v1. */
const withPorts = (...ports: readonly Port[]): readonly KubeObject[] =>
  around.map(object =>
    isService(object, 'catalog-v1')
      ? { ...object, spec: { ...(object['spec' as never] as object), ports } }
      : object,
  )

const plan = (objects: readonly KubeObject[], more: object = {}) =>
  planInit(
    snapshot(objects),
    { target: { ...target, live: true }, stable: 'v1', gateways: [], hosts: [], ...more },
    [gatewayApi],
  )
/** The new routes, each as `Kind name`, with where it is and for which hosts. */
const started = (objects: readonly KubeObject[], more: object = {}) =>
  plan(objects, more).changes.flatMap(({ before, after }) =>
    before === undefined && after!.kind.endsWith('Route')
      ? [[`${after!.kind} ${after!.metadata.name}`, (after as ServiceRoute).spec] as const]
      : [],
  )
const namesOf = (objects: readonly KubeObject[], more: object = {}): readonly string[] =>
  started(objects, more).map(([name]) => name)
const refusal = (objects: readonly KubeObject[], more: object = {}): CanaryError => {
  try {
    plan(objects, more)
  } catch (error) {
    assert.ok(error instanceof CanaryError, String(error))
    return error
  }
  throw new Error('it was not refused')
}

const atGateway = { gateways: ['infra/gw'], hosts: ['a.example.com'] }
const toStable = [{ backendRefs: [to('catalog-v1')] }]
const atGw = (hostnames?: readonly string[]): ServiceRoute =>
  catalogRoute(toStable, { parents: [{ namespace: 'infra', name: 'gw' }], ...(hostnames && { hostnames }) })

describe('a route of init at a gateway', () => {
  it('is not made where one of the service is there for the host, or for all', () => {
    for (const there of [atGw(), atGw(['a.example.com'])]) {
      assert.deepEqual(namesOf([...around, there], atGateway), [])
      assert.deepEqual(namesOf([...around, there], { ...atGateway, hosts: ['A.example.com'] }), [])
    }
  })
  it('is made where that is for other hosts, at another gateway, or at a Service', () => {
    const more = [gateway('shop/gw')]
    for (const there of [
      atGw(['b.example.com']),
      catalogRoute(toStable, { parents: [{ name: 'gw' }] }),
      catalogRoute(toStable, { parents: [{ namespace: 'infra', name: 'other' }] }),
      catalogRoute(toStable, { parents: [{ group: '', kind: 'Service', namespace: 'infra', name: 'gw' }] }),
    ])
      assert.deepEqual(namesOf([...around, ...more, there], atGateway), ['HTTPRoute catalog-gateway'])
    assert.deepEqual(
      namesOf([...around, atGw(['a.example.com'])], {
        ...atGateway,
        hosts: ['a.example.com', 'b.example.com'],
      }),
      ['HTTPRoute catalog-gateway'],
    )
  })
  it('is at the gateways that have none, in the namespace of the service where none is named', () => {
    const objects = [...around, gateway('shop/own'), atGw(['a.example.com'])]
    assert.deepEqual(started(objects, { ...atGateway, gateways: ['own', 'infra/gw'] }), [
      [
        'HTTPRoute catalog-gateway',
        { parentRefs: [{ name: 'own' }], hostnames: ['a.example.com'], rules: toStable },
      ],
    ])
    const own = catalogRoute(toStable, { parents: [{ name: 'own' }] })
    assert.deepEqual(namesOf([...around, gateway('shop/own'), own], { ...atGateway, gateways: ['own'] }), [])
  })
  it('needs a host', () => {
    const error = refusal(around, { gateways: ['infra/gw'] })
    assert.equal(error.code, 'usage')
    assert.match(error.message, /--host/)
  })
})

describe('a route of init in the mesh', () => {
  it('is made besides others only where it is asked for, and once', () => {
    assert.deepEqual(namesOf([...around, atGw()]), [])
    assert.deepEqual(namesOf([...around, atGw()], { mesh: true }), ['HTTPRoute catalog-canary'])
    assert.deepEqual(namesOf(around, { ...atGateway, mesh: true }), [
      'HTTPRoute catalog',
      'HTTPRoute catalog-gateway',
    ])
    const inMesh = catalogRoute(toStable, { parents: [{ group: '', kind: 'Service', name: 'catalog' }] })
    assert.deepEqual(namesOf([...around, inMesh], { mesh: true }), [])
  })
  it('takes another name where the first is taken, however many are', () => {
    const [one, other] = ['catalog', 'catalog-canary'].map(name =>
      route(`shop/${name}`, { rules: [{ backendRefs: [to('orders')] }] }),
    )
    assert.deepEqual(namesOf([...around, one!]), ['HTTPRoute catalog-canary'])
    assert.deepEqual(namesOf([...around, one!, other!]), ['HTTPRoute catalog-2'])
  })
})

describe('the rules that are there when init comes', () => {
  it('are turned to stable for good where they lead to the pods of all versions', () => {
    const timeouts = { request: '5s' }
    const matches = [{ path: { type: 'PathPrefix', value: '/next' } }]
    const next = { matches, backendRefs: [to('catalog-v2')] }
    const there = catalogRoute([{ timeouts, backendRefs: [to('catalog', 3)] }, next])
    const { changes } = plan([...around, there])
    assert.deepEqual(
      changes.map(({ before, after }) => [before, (after as ServiceRoute).spec?.rules]),
      [[there, [{ timeouts, backendRefs: [to('catalog-v1')] }, next]]],
    )
  })
  it('belong to nobody else', () => {
    const owner = { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'catalog', controller: true }
    const there = catalogRoute(toStable)
    const owned = { ...there, metadata: { ...there.metadata, ownerReferences: [owner] } }
    assert.match(refusal([...around, owned]).message, /belongs to Canary shop\/catalog/)
  })
  it('are not shown to some by hosts of their own', () => {
    const preview = {
      version: 'v2',
      hosts: ['next.example.com'],
      gateways: ['infra/gw'],
      conditions: [],
      since: '',
    }
    assert.deepEqual(refusal(around, { preview }).hints, [
      'Show it to a cohort instead: leave out --preview-host.',
    ])
  })
})

describe('the port of a route of init', () => {
  const isOf = (kind: string, number: number, ...ports: readonly Port[]): void => {
    const [[name, spec] = []] = started(withPorts(...ports))
    assert.equal(name, `${kind} catalog`)
    assert.deepEqual(spec?.rules, [{ backendRefs: [{ name: 'catalog-v1', port: number }] }])
  }
  it('is the only one of the stable version that takes HTTP', () => {
    isOf('HTTPRoute', 8080, { port: 8080 })
    isOf('HTTPRoute', 80, { name: 'tcp-admin', port: 90 }, { name: 'web', port: 80 })
    isOf('HTTPRoute', 80, { name: 'redis', port: 90 }, { name: 'http', port: 80 })
    isOf('HTTPRoute', 80, { name: 'quic', port: 80, protocol: 'UDP' }, { port: 80, protocol: 'TCP' })
  })
  it('is of gRPC by its appProtocol, else by its name', () => {
    isOf('GRPCRoute', 80, { name: 'grpc', port: 80 })
    isOf('GRPCRoute', 80, { name: 'GRPC-web', port: 80 })
    isOf('GRPCRoute', 80, { name: 'http', appProtocol: 'grpc', port: 80 })
    isOf('HTTPRoute', 80, { name: 'grpc', appProtocol: 'http', port: 80 })
    isOf('HTTPRoute', 80, { name: 'grpcish', port: 80 })
  })
  it('is told to be missing or unclear where there is not just one', () => {
    const none = refusal(withPorts({ name: 'tcp', port: 80 }))
    const two = refusal(withPorts({ name: 'http', port: 80 }, { name: 'web', port: 81 }))
    assert.match(none.message, /Service catalog-v1 has 0 http ports/)
    assert.match(two.message, /Service catalog-v1 has 2 http ports/)
    assert.deepEqual([none.code, two.code], ['usage', 'usage'])
  })
})
