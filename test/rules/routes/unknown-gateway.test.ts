import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { lintView } from '../../../shared/rules/introduced.ts'
import { formatPath } from '../../../shared/rules/rule.ts'
import { unknownGateway } from '../../../shared/rules/routes/unknown-gateway.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { objectsOf } from '../../providers/istio/resolve/corpus.ts'

const gateway = (...servers: readonly string[]): string =>
  `{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: gw, namespace: shop}, spec: {selector: {istio: ingressgateway}, servers: [${servers.join()}]}}`
const server = (protocol: string, mode?: string): string =>
  `{port: {number: 443, name: x, protocol: ${protocol}}, ${mode === undefined ? '' : `tls: {mode: ${mode}}, `}hosts: [a.example.com]}`
const routes = (spec: string, gateways = 'gw'): string =>
  `{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: cart, namespace: shop}, spec: {hosts: [a.example.com], gateways: [${gateways}], ${spec}}}`
const leading = 'route: [{destination: {host: cart}}]'
const [http, tcp, tls] = [
  `http: [{${leading}}]`,
  `tcp: [{${leading}}]`,
  `tls: [{match: [{sniHosts: [a.example.com]}], ${leading}}]`,
] as const
const found = (...texts: readonly string[]) =>
  lintView(
    { rules: [unknownGateway], settings: { complete: false, relativeWeights: false } },
    snapshot(objectsOf(texts.join('\n---\n'))),
  ).map(({ path }) => formatPath(path))

describe('a gateway that serves the hosts of a VirtualService', () => {
  it('is found where its servers take routes of other kinds only', () => {
    for (const [at, written] of [
      [server('HTTPS', 'PASSTHROUGH'), http],
      [server('TLS', 'SIMPLE'), http],
      [server('TCP'), http],
      [server('HTTPS', 'SIMPLE'), tls],
      [server('HTTP'), tcp],
      [server('TLS', 'PASSTHROUGH'), tcp],
    ] as const)
      assert.deepEqual(found(gateway(at), routes(written)), ['spec.gateways[0]'], `${at} ${written}`)
  })
  it('is fine where one of them takes one of the kinds', () => {
    for (const [at, written] of [
      [server('HTTPS', 'PASSTHROUGH'), tls],
      [server('TLS', 'SIMPLE'), tcp],
      [server('TLS', 'ISTIO_MUTUAL'), tcp],
      [server('HTTPS', 'MUTUAL'), http],
      [`${server('TCP')}, ${server('HTTP')}`, http],
      [server('HTTP'), `${http}, ${tcp}`],
    ] as const)
      assert.deepEqual(found(gateway(at), routes(written)), [], `${at} ${written}`)
  })
  it('is fine where the routes of the other kind are not for it', () => {
    const mesh = `http: [{match: [{gateways: [mesh]}], ${leading}}], tls: [{match: [{gateways: [gw], sniHosts: [a.example.com]}], ${leading}}]`
    assert.deepEqual(found(gateway(server('TLS', 'PASSTHROUGH')), routes(mesh, 'gw, mesh')), [])
  })
})

describe('the fix of a Gateway without a host of a VirtualService', () => {
  it('names the host as Istio compares it', () => {
    const other = gateway('{port: {number: 80, name: x, protocol: HTTP}, hosts: [b.example.com]}')
    const short = routes(http).replace('hosts: [a.example.com]', 'hosts: [cart]')
    const [finding] = lintView(
      { rules: [unknownGateway], settings: { complete: false, relativeWeights: false } },
      snapshot(objectsOf(`${other}\n---\n${short}`)),
    )
    const host = /^Add (\S+) to the hosts/.exec(finding?.fix ?? '')?.[1]
    assert.equal(host, 'cart.shop.svc.cluster.local')
    assert.deepEqual(found(other.replace('b.example.com', host), short), [])
  })
})
