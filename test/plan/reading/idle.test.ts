import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { catalogService, istio, route, shop, to, trafficIn } from '../written-worlds.ts'

const gateway = (name: string, host: string): string =>
  istio('Gateway', name, {
    spec: `{selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["${host}"]}]}`,
  })
/** Why each VirtualService takes no requests; undefined for one that takes some. */
const idle = (texts: readonly string[], live = true) =>
  trafficIn([...shop, ...texts], { live }).entryPoints.map(({ idle: found }) =>
    found === undefined ? undefined : `${found.rule}: ${found.reason}`,
  )
const at = (gateways: string, spec = 'hosts: [a.example.com]'): string =>
  route('shop/front', `{${spec}, gateways: [${gateways}], http: [${to('v1')}]}`)

describe('why a VirtualService at a gateway takes no requests', () => {
  const apart = 'its routes are installed nowhere'
  it('is said of a Gateway that is not there, and of one that serves other hosts', () => {
    assert.deepEqual(idle([at('gw')]), [`unknown-gateway: there is no Gateway shop/gw: ${apart}`])
    assert.deepEqual(idle([gateway('shop/gw', 'b.example.com'), at('gw')]), [
      `unknown-gateway: Gateway shop/gw serves none of its hosts: ${apart}`,
    ])
  })
  it('is said of a Gateway whose servers take routes of other kinds only', () => {
    const server = (protocol: string, tls = ''): string =>
      istio('Gateway', 'shop/gw', {
        spec: `{selector: {istio: ingressgateway}, servers: [{port: {number: 443, name: x, protocol: ${protocol}}, ${tls}hosts: [a.example.com]}]}`,
      })
    const [passed, ended] = [
      'tls: {mode: PASSTHROUGH}, ',
      'tls: {mode: SIMPLE, credentialName: c}, ',
    ] as const
    const said = (takes: string) =>
      `unknown-gateway: Gateway shop/gw takes only ${takes} routes for its hosts: its http ${apart.replace('its ', '')}`
    for (const live of [true, false]) {
      assert.deepEqual(idle([server('HTTPS', passed), at('gw')], live), [said('tls')])
      assert.deepEqual(idle([server('TLS', ended), at('gw')], live), [said('tcp')])
      assert.deepEqual(idle([server('TCP'), at('gw')], live), [said('tcp')])
      assert.deepEqual(idle([server('HTTPS', ended), at('gw')], live), [undefined])
    }
  })
  it('is said of the first of several Gateways', () => {
    assert.deepEqual(idle([at('one, two')]), [`unknown-gateway: there is no Gateway shop/one: ${apart}`])
  })
  it('is not the Gateway where that serves its hosts, but does not see the VirtualService', () => {
    const hidden = at('edge/gw', "hosts: [a.example.com], exportTo: ['.']")
    assert.deepEqual(idle([gateway('edge/gw', '*'), hidden]), [
      'applies-nowhere: no client and no gateway uses it',
    ])
  })
  it('is not the ports of a Service that its hosts name, which are for the mesh', () => {
    const tcp = catalogService.replaceAll('catalog', 'db').replace('name: http', 'name: tcp')
    const hidden = at('edge/gw', "hosts: [db], exportTo: ['.']")
    assert.deepEqual(idle([tcp, gateway('edge/gw', '*'), hidden]), [
      'applies-nowhere: no client and no gateway uses it',
    ])
  })
  it('is nothing where one of several has it', () => {
    const served = [gateway('shop/gw', 'a.example.com'), at('gw, missing')]
    assert.deepEqual(idle(served), [undefined])
  })
})

describe('why a VirtualService in the mesh takes no requests', () => {
  const nobody = (hosts: string): string =>
    route('shop/front', `{hosts: [${hosts}], exportTo: ['~'], http: [${to('v1')}]}`)
  it('is that nobody sees it', () => {
    assert.deepEqual(idle([nobody('catalog')]), ['applies-nowhere: no client and no gateway uses it'])
    assert.deepEqual(idle([nobody('elsewhere.example.com')]), [
      'applies-nowhere: no client and no gateway uses it',
    ])
  })
  it('is known of files where they provide its host', () => {
    assert.deepEqual(idle([nobody('catalog')], false), ['applies-nowhere: no client and no gateway uses it'])
    assert.deepEqual(idle([nobody('elsewhere.example.com')], false), [undefined])
  })
  it('is how its host is written where a Service was meant', () => {
    assert.deepEqual(idle([nobody('catalog.shop')]), [
      'unexpanded-host: Istio does not expand the host catalog.shop',
    ])
  })
})

describe('why a delegate takes no requests', () => {
  const leaf = route('shop/leaf', `{http: [${to('v1')}]}`)
  const root = (name: string, gateways: string): string =>
    route(
      `shop/${name}`,
      `{hosts: [${name}.example.com], gateways: [${gateways}], http: [{delegate: {name: leaf}}]}`,
    )
  it('is nothing where one of its roots takes some', () => {
    const roots = [root('one', 'missing'), root('two', 'gw')]
    assert.deepEqual(idle([gateway('shop/gw', '*'), leaf, ...roots]), [undefined])
  })
  it('is that nobody delegates to it, or why its roots take none', () => {
    assert.deepEqual(idle([leaf]), ['applies-nowhere: no VirtualService delegates to it'])
    assert.deepEqual(idle([leaf, root('one', 'missing')]), [
      'unknown-gateway: there is no Gateway shop/missing: its routes are installed nowhere',
    ])
  })
})

describe('routes without conditions', () => {
  const target = (subset: string): string => `route: [{destination: {host: catalog, subset: ${subset}}}]`
  const reached = (section: string, ...routes: readonly string[]): readonly boolean[] => {
    const traffic = trafficIn([
      ...shop.map(text => text.replaceAll('name: http', `name: ${section}`)),
      route('shop/catalog', `{hosts: [catalog], ${section}: [${routes.join(', ')}]}`),
    ])
    return traffic.entryPoints[0]!.splits.map(split => split.reached)
  }

  it('leave nothing to those after them, whatever the protocol is', () => {
    const [all, next] = [`{${target('v1')}}`, `{${target('v2')}}`]
    for (const section of ['http', 'tcp'])
      assert.deepEqual(reached(section, all, next, all), [true, false, false], section)
    const some = `{match: [{uri: {prefix: /items}}], ${target('v1')}}`
    assert.deepEqual(reached('http', some, next, all), [true, true, false])
  })
})

describe('a VirtualService for a Service of type ExternalName', () => {
  const alias =
    '{apiVersion: v1, kind: Service, metadata: {name: catalog, namespace: shop}, spec: {type: ExternalName, externalName: other.example.com, ports: [{name: http, port: 80}]}}'
  const texts = [
    alias,
    ...shop.filter(text => text !== catalogService),
    route('shop/front', `{hosts: [catalog], http: [${to('v1')}]}`),
  ]
  it('is known to take no requests only where all objects are: other files may have what it is an alias of', () => {
    const found = (live: boolean) => trafficIn(texts, { live }).entryPoints.map(({ idle: is }) => is?.rule)
    assert.deepEqual(found(true), ['applies-nowhere'])
    assert.deepEqual(found(false), [undefined])
  })
})
