import assert from 'node:assert/strict'
import { formatNote } from '../../../plugin/print/notes.ts'
import { describe, it } from 'node:test'
import { cohortsAnnotation } from '../../../shared/routing/record/record.ts'
import { readServices } from '../../../shared/plan/read-services.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { istio, objects, route, shop, to, trafficIn } from '../written-worlds.ts'

const notes = (...more: readonly string[]): string =>
  trafficIn([...shop, ...more])
    .notes.map(formatNote)
    .join('\n')
const mesh = (spec = ''): string => route('shop/catalog', `{hosts: [catalog], ${spec}http: [${to('v1')}]}`)

describe('callers who are not covered', () => {
  it('are none where each sees the VirtualService', () => {
    assert.equal(notes(mesh()), '')
    assert.equal(notes(mesh("exportTo: ['*'], ")), '')
  })
  it('are those to whom no VirtualService is exported, and the command includes them all', () => {
    const found = notes(mesh("exportTo: ['.', web], "))
    assert.match(
      found,
      /^Callers in [^:]*any other namespace are not covered: VirtualService shop\/catalog is not exported/,
    )
    assert.doesNotMatch(found, /Callers in [^:]*\b(shop|web)\b[^:]* are not covered/)
    assert.match(found, /"exportTo":\["\*"\]/)
  })
  it('keep what the VirtualService is exported to where only named namespaces lack it', () => {
    const service =
      '{apiVersion: v1, kind: Service, metadata: {name: catalog, namespace: shop, annotations: {networking.istio.io/exportTo: "shop,web,edge"}}, spec: {clusterIP: 10.0.0.10, selector: {app: catalog}, ports: [{name: http, port: 80}]}}'
    const found = trafficIn([service, ...shop.slice(1), mesh("exportTo: ['.', web], ")])
      .notes.map(formatNote)
      .join('\n')
    assert.match(found, /^Callers in edge are not covered/)
    assert.match(found, /"exportTo":\["[^"]*","web","edge"\]/)
  })
  it('are those whose Sidecar imports the Service and not the VirtualService of another namespace', () => {
    const elsewhere = route('web/catalog', `{hosts: [catalog.shop.svc.cluster.local], http: [${to('v1')}]}`)
    const imports = (more: string): string =>
      istio('Sidecar', 'edge/default', { spec: `{${more}egress: [{hosts: [shop/*]}]}` })
    assert.match(
      notes(elsewhere, imports('')),
      /^Callers in edge are not covered: their Sidecar does not import VirtualService web\/catalog.*add "web\/catalog\.shop/,
    )
    assert.match(
      notes(elsewhere, imports('workloadSelector: {labels: {app: till}}, ')),
      /^Callers in edge\{app=till\} are not covered/,
    )
  })
  it('are not those who do not even see the Service', () => {
    const blind = istio('Sidecar', 'edge/default', { spec: '{egress: [{hosts: [./*]}]}' })
    assert.equal(notes(mesh(), blind), '')
    const elsewhere = route(
      'edge/catalog',
      `{hosts: [catalog.shop.svc.cluster.local], exportTo: ['*'], http: [${to('v1')}]}`,
    )
    assert.equal(notes(elsewhere, blind), '')
  })
})

describe('the note that no VirtualService is for callers inside the mesh', () => {
  const inside =
    /^Callers inside the mesh are not covered: no VirtualService for host catalog applies to gateway mesh/
  it('is given for a VirtualService of the host that is for gateways alone, and for one of another host', () => {
    const host = 'hosts: [catalog.shop.svc.cluster.local]'
    assert.match(notes(route('shop/catalog', `{${host}, gateways: [gw], http: [${to('v1')}]}`)), inside)
    assert.match(notes(route('shop/front', `{hosts: [front], http: [${to('v1')}]}`)), inside)
    assert.equal(notes(route('shop/catalog', `{${host}, gateways: [gw, mesh], http: [${to('v1')}]}`)), '')
  })
  it('has a command for the VirtualService that is for gateways alone', () => {
    const both = route('shop/a', `{hosts: [a.example.com], gateways: [gw, mesh], http: [${to('v1')}]}`)
    const alone = route('shop/b', `{hosts: [b.example.com], gateways: [gw], http: [${to('v1')}]}`)
    assert.match(
      notes(both, alone),
      /To include them: kubectl canary init catalog --stable v1 -n shop --mesh$/,
    )
    const other = route('shop/c', `{hosts: [c.example.com], gateways: [gw], http: [${to('v2')}]}`)
    // Which version is stable is not known: the VirtualService is extended.
    assert.match(notes(both, alone, other), /virtualservices.networking.istio.io b -n shop --type=json/)
  })
  it('is not given where a controller sends the requests to other Services', () => {
    const primary =
      '{apiVersion: v1, kind: Service, metadata: {name: primary, namespace: shop}, spec: {selector: {app: p}, ports: [{name: http, port: 80}]}}'
    const spec =
      '{hosts: [catalog.shop.svc.cluster.local], gateways: [gw], http: [{route: [{destination: {host: primary}}]}]}'
    assert.equal(notes(primary, route('shop/catalog', spec)), '')
  })
})

describe('the list of callers who are not covered', () => {
  const exportedTo = (...namespaces: readonly string[]): string =>
    trafficIn([
      `{apiVersion: v1, kind: Service, metadata: {name: catalog, namespace: shop, annotations: {networking.istio.io/exportTo: "${['shop', ...namespaces].join(',')}"}}, spec: {clusterIP: 10.0.0.10, selector: {app: catalog}, ports: [{name: http, port: 80}]}}`,
      ...shop.slice(1),
      mesh("exportTo: ['.'], "),
    ])
      .notes.map(formatNote)
      .join()
  it('names five of them, and says how many more there are', () => {
    assert.match(exportedTo('a', 'b', 'c', 'd', 'e'), /^Callers in a, b, c, d and e are not covered/)
    assert.match(
      exportedTo('a', 'b', 'c', 'd', 'e', 'f'),
      /^Callers in a, b, c, d, e and 1 more are not covered/,
    )
  })
})

describe('callers without a sidecar', () => {
  const namespace =
    '{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {istio-injection: disabled}}}'
  it('are named for a Service', () => {
    assert.match(notes(namespace, mesh()), /have no sidecar: http routes have no effect/)
  })
  it('are not named for the host of a ServiceEntry', () => {
    const host = 'api.example.com'
    const entry = istio('ServiceEntry', 'shop/api', {
      spec: `{hosts: [${host}], resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP}], endpoints: [{address: a.example.com, labels: {version: v1}}]}`,
    })
    const rule = istio('DestinationRule', 'shop/api', {
      spec: `{host: ${host}, subsets: [{name: v1, labels: {version: v1}}]}`,
    })
    const routes = route('shop/api', `{hosts: [${host}], http: [${to('v1', host)}]}`)
    assert.deepEqual(trafficIn([namespace, entry, rule, routes], { service: host }).notes, [])
  })
})

describe('a VirtualService of ours for the copies of a cohort', () => {
  it('has no note of its own where nothing reaches it', () => {
    const gateway = istio('Gateway', 'shop/gw', {
      spec: '{selector: {a: b}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [b.example.com]}]}',
    })
    const record = JSON.stringify({
      cohorts: [{ service: 'catalog.shop', name: 'internal', to: 'v2', routes: ['ours'] }],
      restore: { createdFor: 'shop/catalog' },
    })
    const made = route(
      'shop/catalog-canary',
      `{hosts: [a.example.com], gateways: [gw], http: [{name: ours, match: [{headers: {x-istio-cohort: {exact: internal}}}], ${to('v2').slice(1)}]}`,
      `annotations: {${cohortsAnnotation}: '${record}'}`,
    )
    assert.equal(notes(mesh(), gateway, made), '')
  })
})

describe('what takes no requests', () => {
  const gateway = (name: string, host: string): string =>
    istio('Gateway', `shop/${name}`, {
      spec: `{selector: {app: gw}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['${host}']}]}`,
    })
  const notesAt = (...more: readonly string[]) => {
    const view = snapshot(objects(...shop, ...more))
    const target = { service: 'catalog', namespace: 'shop', command: 'status', live: true }
    return readServices(view, target)[0]!.idleNotes
  }
  const both = route(
    'shop/catalog',
    `{hosts: [shop.example.com], gateways: [one, other], http: [${to('v1')}]}`,
  )
  const object = { kind: 'VirtualService', namespace: 'shop', name: 'catalog' }

  it('is named by the Gateway that serves none of its hosts, where another one does', () => {
    const one = gateway('one', 'shop.example.com')
    assert.deepEqual(notesAt(both, one, gateway('other', 'shop.example.org')), [
      { kind: 'gateway-serves-no-host', gateway: 'shop/other', object },
    ])
    assert.deepEqual(notesAt(both, one, gateway('other', '*.example.com')), [])
  })
  it('is the whole VirtualService where no Gateway serves its hosts', () => {
    const [note, ...others] = notesAt(
      both,
      gateway('one', 'a.example.org'),
      gateway('other', 'b.example.org'),
    )
    assert.deepEqual([note?.kind, others], ['idle', []])
  })
  it('is a route behind one that takes everything', () => {
    const routes = `{hosts: [catalog], http: [${to('v1')}, ${to('v2')}]}`
    assert.deepEqual(notesAt(route('shop/catalog', routes)), [
      { kind: 'route-not-reached', object, place: 'spec.http[1]' },
    ])
  })
})
