import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatNotes } from '../../../plugin/print/notes.ts'
import { initIntentOf } from '../../../plugin/commands/init.ts'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { HttpRoute } from '../../../shared/objects/virtual-service.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planInit } from '../../../shared/plan/plan-init.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import type { Plan } from '../../../shared/plan/plan.ts'
import { readTraffic } from '../../../shared/plan/read-services.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { apply, cohortIntent, split, target, weights } from '../intents.ts'
import { catalog, fromGateway, toSubset, virtualService } from '../worlds.ts'

const bare = catalog().filter(({ kind }) => kind !== 'VirtualService')
const behind = (...routes: readonly KubeObject[]): ClusterView => snapshot([...bare, ...routes])
const gatewayOnly = behind(fromGateway())
const init = (view: ClusterView, mesh = true): Plan =>
  planInit(view, { target, stable: 'v1', gateways: [], hosts: [], mesh })
const flags = { stable: 'v1', host: [] as string[], gateway: [] as string[], force: false }
/** The command in the note that callers in the mesh are not covered. */
const offered = (view: ClusterView): string | undefined =>
  readTraffic(view, { ...target, service: 'catalog' })
    .flatMap(({ notes }) => notes)
    .flatMap(note => (note.kind === 'mesh-not-covered' ? (note.fix ?? []) : []))[0]

describe('init for the mesh', () => {
  it('makes a route for callers in the mesh beside that of a gateway, which it does not change', () => {
    const plan = init(gatewayOnly)
    assert.deepEqual(
      plan.changes.map(({ before, after }) => [before === undefined, after?.metadata.name]),
      [[true, 'catalog']],
    )
    assert.deepEqual(split(apply(gatewayOnly, plan), 'catalog'), ['version-v1'])
  })
  it('is what the note about callers in the mesh offers, and covers them', () => {
    assert.equal(offered(gatewayOnly), 'kubectl canary init catalog --stable v1 -n istioinaction --mesh')
    assert.equal(offered(apply(gatewayOnly, init(gatewayOnly))), undefined)
    const other = behind(virtualService('front', { hosts: ['front'], http: [toSubset('version-v1')] }))
    assert.match(offered(other)!, /--mesh$/)
    assert.equal(offered(apply(other, init(other))), undefined)
  })
})

const withPorts = (view: readonly KubeObject[], ...ports: readonly object[]): ClusterView =>
  snapshot(
    view.map(object =>
      object.kind === 'Service'
        ? { ...object, spec: { ...(Reflect.get(object, 'spec') as object), ports } }
        : object,
    ),
  )

describe('init where routes are there already', () => {
  const told = (to: string): readonly string[] => {
    const view = behind(virtualService('catalog', { hosts: ['catalog'], http: [toSubset(to)] }))
    const { notes, changes } = planInit(view, { target, stable: 'v1', gateways: [], hosts: [] })
    assert.deepEqual(changes, [])
    return formatNotes(notes, '').filter(text => text.includes('already'))
  }
  it('says that they give everything to another version, and which command changes that', () => {
    assert.deepEqual(told('version-v2'), [
      'The routes of catalog are there already, and init does not change them: v2 gets the requests, and v1 none. To make v1 stable: kubectl canary promote catalog v1 -n istioinaction',
    ])
  })
  it('says nothing where they give everything to stable', () => assert.deepEqual(told('version-v1'), []))
})

describe('init of a Service with ports for HTTP and for connections', () => {
  const http = { name: 'http', port: 80 }
  const told = (view: ClusterView): readonly string[] =>
    formatNotes(init(view).notes, '').filter(text => text.includes('any version'))
  it('says at which ports the new route does not apply', () => {
    assert.deepEqual(
      told(withPorts(bare, http, { name: 'tcp-db', port: 5432 }, { name: 'tls', port: 443 })),
      [
        'Ports 5432 and 443 of catalog: the http route of VirtualService istioinaction/catalog does not apply there, and connections go to any version.',
      ],
    )
  })
  it('says nothing of ports that may carry HTTP, or UDP', () => {
    const others = [{ port: 8080 }, { name: 'dns', port: 53, protocol: 'UDP' }]
    assert.deepEqual(told(withPorts(bare, http, ...others)), [])
    assert.deepEqual(told(withPorts(bare, { name: 'tcp-db', port: 5432 })), [])
  })
})

describe('init of a Service whose ports are all for TLS', () => {
  const secured = (view: readonly KubeObject[]): ClusterView => withPorts(view, { name: 'tls', port: 443 })
  it('is refused, as a route by the names of TLS is another', () =>
    assert.throws(() => init(secured(bare)), {
      code: 'refused',
      message: /every port of catalog is for TLS/,
    }))
  it('is not offered for callers in the mesh', () => {
    const atGateway = virtualService('front', {
      hosts: ['a.example.com'],
      gateways: ['gw'],
      tls: [{ ...toSubset('version-v1'), match: [{ sniHosts: ['a.example.com'] }] }],
    })
    const [traffic] = readTraffic(secured([...bare, atGateway]), { ...target, service: 'catalog' })
    assert.deepEqual(
      traffic!.notes.filter(({ kind }) => kind === 'mesh-not-covered'),
      [{ kind: 'mesh-not-covered', service: 'catalog' }],
    )
  })
})

describe('init for the mesh, as it is offered', () => {
  it('is offered with the version that is recorded as stable, and not where nobody can tell it', () => {
    const during = apply(gatewayOnly, planWeight(gatewayOnly, { ...weights(['v1', 10]), stable: 'v2' }))
    assert.match(offered(during)!, /--stable v2 /)
    const shared = behind(
      fromGateway({
        route: ['v1', 'v2'].map(version => ({
          destination: { host: 'catalog', subset: `version-${version}` },
          weight: 50,
        })),
      }),
    )
    assert.match(offered(shared)!, /^kubectl patch /)
    const note = readTraffic(shared, { ...target, service: 'catalog' })
      .flatMap(({ notes }) => notes)
      .find(({ kind }) => kind === 'mesh-not-covered')
    const [inFiles] = formatNotes([note!], '-f shop')
    assert.match(
      inFiles!,
      /To include them: add mesh to spec\.gateways and .* of VirtualService istioinaction\//,
    )
    assert.doesNotMatch(inFiles!, /kubectl/)
  })
  it('is offered with the only version that the pods have, where the route names none', () => {
    const objects = bare.filter(
      ({ kind, metadata }) => kind !== 'DestinationRule' && metadata.name !== 'catalog-v2',
    )
    const one = snapshot([...objects, fromGateway({ route: [{ destination: { host: 'catalog' } }] })])
    assert.equal(offered(one), 'kubectl canary init catalog --stable v1 -n istioinaction --mesh')
    assert.equal(offered(apply(one, init(one))), undefined)
  })
})

describe('the edit of a route of a gateway for callers in the mesh', () => {
  const { route } = toSubset('version-v1')
  const both = ['v1', 'v2'].map(name => ({
    destination: { host: 'catalog', subset: `version-${name}` },
    weight: 50,
  }))
  const withHosts = (...hosts: readonly string[]): ClusterView =>
    behind(virtualService('front', { hosts, gateways: ['catalog-gateway'], http: [{ route: both }] }))
  it('is offered where it serves all of their requests as before', () => {
    assert.match(offered(withHosts('shop.example.com'))!, /^kubectl patch /)
    assert.match(offered(behind(fromGateway({ match: [{ uri: { prefix: '/' } }], route: both })))!, /patch/)
  })
  it('is not offered where Istio would refuse the host * in the mesh', () => {
    assert.equal(offered(withHosts('*')), undefined)
  })
  it('is not offered where requests would end at a 404, at another Service, or elsewhere', () => {
    const items = { match: [{ uri: { prefix: '/items' } }], route: both }
    assert.equal(offered(behind(fromGateway(items))), undefined)
    const orders = { route: [{ destination: { host: 'orders' } }] }
    assert.equal(offered(behind(fromGateway(items, orders))), undefined)
    const rewritten: HttpRoute & { readonly rewrite: object } = { route: both, rewrite: { uri: '/v1' } }
    assert.equal(offered(behind(fromGateway(rewritten))), undefined)
    const login = { match: [{ uri: { exact: '/' } }], redirect: { uri: '/login' } }
    assert.equal(offered(behind(fromGateway(login, { route: both }))), undefined)
  })
  it('is not needed where one version takes all requests that routes get', () => {
    const beta = { match: [{ uri: { prefix: '/beta' } }], ...toSubset('version-v2') }
    assert.match(offered(behind(fromGateway({ route: route! }, beta)))!, /init catalog --stable v1 /)
    const drained = both.map((to, index) => ({ ...to, weight: index === 0 ? 100 : 0 }))
    assert.match(offered(behind(fromGateway({ route: drained })))!, /init catalog --stable v1 /)
  })
})

describe('the edit of a route of a gateway that callers in the mesh would not have', () => {
  const front = (spec: object): KubeObject => {
    const object = virtualService('front', { hosts: ['a.example.com'], gateways: ['edge'], http: [] })
    const route = ['v1', 'v2'].map(name => ({
      destination: { host: 'catalog.istioinaction.svc.cluster.local', subset: `version-${name}` },
      weight: 50,
    }))
    return Object.assign({}, object, {
      metadata: { ...object.metadata, namespace: 'edge' },
      spec: { ...object.spec, http: [{ route }], ...spec },
    })
  }
  it('is not offered', () => {
    assert.match(offered(behind(front({})))!, /^kubectl patch /)
    assert.equal(offered(behind(front({ exportTo: ['.'] }))), undefined)
    assert.equal(offered(withPorts([...bare, front({})], { name: 'tcp', port: 80 })), undefined)
  })
})

describe('init for the mesh, given again', () => {
  it('changes nothing a second time, and is not done unasked', () => {
    assert.deepEqual(init(apply(gatewayOnly, init(gatewayOnly))).changes, [])
    assert.deepEqual(init(gatewayOnly, false).changes, [])
  })
  it('names the cohorts that the new route is without, with the command that sets them', () => {
    const during = apply(gatewayOnly, planCohort(gatewayOnly, cohortIntent()))
    const plan = init(during)
    const note = plan.notes.find(({ kind }) => kind === 'cohort-lacks-routes')
    assert.deepEqual(note, {
      kind: 'cohort-lacks-routes',
      cohort: 'internal',
      places: ['VirtualService istioinaction/catalog'],
      fix: 'kubectl canary cohort internal catalog --to v2 -n istioinaction',
    })
    const after = apply(during, plan)
    assert.deepEqual(split(apply(after, planCohort(after, cohortIntent())), 'catalog'), [
      'version-v2',
      'version-v1',
    ])
  })
})

describe('the words of init', () => {
  it('mean the mesh by --mesh and by a gateway called mesh, which needs no host', () => {
    const byFlag = initIntentOf({ ...flags, mesh: true })
    assert.equal(byFlag.mesh, true)
    assert.deepEqual(initIntentOf({ ...flags, gateway: ['mesh'] }), byFlag)
    assert.equal(initIntentOf(flags).mesh, undefined)
    const both = initIntentOf({ ...flags, gateway: ['mesh', 'gw'], host: ['a.example.com'] })
    assert.deepEqual([both.mesh, both.gateways, both.hosts], [true, ['gw'], ['a.example.com']])
    assert.throws(() => initIntentOf({ ...flags, gateway: ['mesh', 'gw'] }), CanaryError)
  })
})
