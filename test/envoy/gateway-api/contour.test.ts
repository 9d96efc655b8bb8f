import assert from 'node:assert/strict'
import { after, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RouteGateway, ServiceRoute } from '../../../shared/objects/gateway-api.ts'
import { resources } from '../../../shared/objects/kinds.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import {
  attachmentsOf,
  conditionReasonOf,
} from '../../../shared/providers/gateway-api/resolve/attachments.ts'
import { hostWithoutPort } from '../../../shared/providers/gateway-api/resolve/hostnames.ts'
import { gatewayTable, type TableMatch } from '../../../shared/providers/gateway-api/resolve/table.ts'
import { gatewayNamed } from '../../../shared/providers/gateway-api/route/entrances.ts'
import { route as decide } from '../../../shared/providers/gateway-api/route/route.ts'
import { unmetBy } from '../../../shared/routing/match.ts'
import type { Request } from '../../../shared/routing/request/request.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { clusterTests, orSkip } from '../../cluster/cluster-test.ts'
import { until, type Cluster } from '../../cluster/cluster.ts'
import { fc } from '../../properties.ts'
import { gateway, namespace, route, viewOf } from '../../providers/gateway-api/written-objects.ts'
import { re2 } from '../../routing/requests.ts'
import { assertDecided, assertPart, requestOf, serviceAt } from './compare.ts'
import { Contour, gatewayName } from './contour.ts'
import { fixed, requestTo, routesOf, services, type WorldKind } from './worlds.ts'

const real = clusterTests({ crds: ['gateway-api', 'contour'], needs: ['contour'] })
let stop: (() => Promise<void>) | undefined
after(() => stop?.())

const gw = gateway(
  'infra/gw',
  [{}, { name: 'own', port: 81, hostname: '*.example.net', allowedRoutes: { namespaces: { from: 'Same' } } }],
  { gatewayClassName: 'contour' },
)
const gatewayClass = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'GatewayClass',
  metadata: { name: 'contour' },
  spec: { controllerName: 'projectcontour.io/gateway-controller' },
} as KubeObject

const plurals: Readonly<Record<string, string>> = {
  Namespace: 'namespaces',
  GatewayClass: 'gatewayclasses',
  Gateway: 'gateways',
  GRPCRoute: 'grpcroutes',
  ...Object.fromEntries(
    (['Service', 'HTTPRoute', 'ReferenceGrant'] as const).map(kind => [kind, resources[kind].plural]),
  ),
}

function pathOf({ apiVersion, kind, metadata }: KubeObject): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const within = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`
  return `${root}${within}/${plurals[kind]}`
}

const create = (cluster: Cluster, object: KubeObject): Promise<KubeObject> =>
  cluster.expect(pathOf(object), { method: 'POST', body: object }) as Promise<KubeObject>

let started: Promise<Contour> | undefined

async function running(cluster: Cluster, context: TestContext): Promise<Contour | undefined> {
  return orSkip(context, () => (started ??= start(cluster)))
}

async function start(cluster: Cluster): Promise<Contour> {
  for (const object of [...['infra', 'shop', 'web'].map(name => namespace(name)), gatewayClass, gw, ...fixed])
    await create(cluster, object)
  const contour = await Contour.start(cluster, services)
  stop = () => contour.stop()
  return contour
}

interface Following {
  readonly routes: readonly ServiceRoute[]
  /** Creation times are in whole seconds. */
  readonly ofDifferentAge?: boolean
}

const folderOf = (name: string) => `/apis/gateway.networking.k8s.io/v1/namespaces/${name}/httproutes`

/** Puts routes into effect in place of all others, the last the oldest, and reads them as the API server has them. */
async function follow(
  cluster: Cluster,
  contour: Contour,
  { routes, ofDifferentAge = false }: Following,
): Promise<ClusterView> {
  for (const name of ['shop', 'web']) await cluster.expect(folderOf(name), { method: 'DELETE' })
  for (const [i, object] of routes.toReversed().entries()) {
    if (ofDifferentAge && i === 2) await sleep(1_100)
    await create(cluster, object)
  }
  await contour.settled()
  const read = await Promise.all(
    ['shop', 'web'].map(
      async name => (await cluster.expect(folderOf(name))) as { items: readonly ServiceRoute[] },
    ),
  )
  const type = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute' }
  return viewOf([gw, ...fixed, ...read.flatMap(({ items }) => items).map(item => ({ ...item, ...type }))])
}

// Contour goes by the place of the rule where the specification goes by the age of the route (`compareRoutesByMethodHeaderQueryParams`).
function isTied(view: ClusterView, request: Request): boolean {
  const asked = { gateway: view.get(gatewayRef) as RouteGateway, port: 80, tls: false, complete: true }
  const { matches } = gatewayTable(view, asked, hostWithoutPort(request.host))
  const [first, ...others] = matches.filter(({ match }) => unmetBy(match, request, re2) === undefined)
  const askedBy = ({ match }: TableMatch) => JSON.stringify(match)
  return others.some(
    other =>
      other.route !== first!.route
      && JSON.stringify(other.rank) === JSON.stringify(first!.rank)
      && askedBy(other) !== askedBy(first!),
  )
}
const gatewayRef = { kind: 'Gateway.gateway.networking.k8s.io', ...gatewayName } as const

// What Contour does otherwise than the specification is left out: rules of several matches of which an earlier
// route has one (`hasConflictRoute`), invalid backends beside valid ones, which get nothing (`httpClusters`), and query
// parameters of redirects, which are not asked for (`redirectRoutes`).
const kind: WorldKind = {
  parents: [gatewayName],
  paths: ['/', '/a', '/a/b', '/b'],
  mostMatches: 1,
  mixesFaults: false,
  redirectsByQuery: false,
}
const worlds = 25
const requestsEach = 400
const hosts = ['a.example.com', 'A.Example.com:80', 'b.example.com', 'c.d.example.com', 'example.com']

real('agrees with Contour and Envoy on every request', async (cluster, context) => {
  const contour = await running(cluster, context)
  if (!contour) return
  const caller = gatewayNamed(viewOf([gw]), 'infra/gw')!.proxies[0]!
  const answers = new Map<string, number>()
  let tied = 0
  const requests = fc.sample(requestTo(...hosts), worlds * requestsEach)
  for (const [i, routes] of fc.sample(routesOf(kind), worlds).entries()) {
    const view = await follow(cluster, contour, { routes, ofDifferentAge: i % 5 === 0 })
    for (const raw of requests.slice(i * requestsEach, (i + 1) * requestsEach)) {
      const request = requestOf(raw, caller)
      const decision = decide(view, request, { regex: re2 })
      const response = await contour.send(raw)
      if (isTied(view, request)) tied++
      else assertDecided(decision, request, response)
      const answer = `${decision.kind} ${response.status}`
      answers.set(answer, (answers.get(answer) ?? 0) + 1)
    }
  }
  assert.ok(tied < (worlds * requestsEach) / 20, `${tied} tied`)
  for (const answer of ['none 404', 'route 200', 'redirect 302', 'route 500', 'direct 500'])
    assert.ok((answers.get(answer) ?? 0) > 10, `${answer}: ${JSON.stringify([...answers])}`)
})

real(
  'of 10,000 requests each backend gets its part, and a cohort goes to its backend alone',
  async (cluster, context) => {
    const contour = await running(cluster, context)
    if (!contour) return
    const to = (name: string, weight: number) => ({ name, port: 80, weight })
    const canary = route('shop/canary', {
      hostnames: ['a.example.com'],
      rules: [
        { backendRefs: [to('catalog-v1', 27), to('catalog-v2', 3)] },
        { matches: [{ headers: [{ name: 'x-cohort', value: 'beta' }] }], backendRefs: [to('catalog-v2', 1)] },
      ],
    })
    const view = await follow(cluster, contour, { routes: [canary] })
    const caller = gatewayNamed(view, 'infra/gw')!.proxies[0]!
    const ask = async (count: number, headers: readonly (readonly [string, string])[]) => {
      const raw = {
        method: 'GET',
        target: '/items',
        headers: [['host', 'a.example.com'], ...headers],
      } as const
      const { destinations } = decide(view, requestOf(raw, caller), { regex: re2 })
      const answered = new Map<string, number>()
      for (let i = 0; i < count; i++) {
        const by = (await contour.send(raw)).headers['x-answered-by'] ?? ''
        answered.set(by, (answered.get(by) ?? 0) + 1)
      }
      for (const { host, percent } of destinations)
        assertPart(answered.get(serviceAt(host)) ?? 0, { of: count, percent })
      return [...answered.keys()].toSorted()
    }
    assert.deepEqual(await ask(10_000, []), ['shop/catalog-v1', 'shop/catalog-v2'])
    assert.deepEqual(await ask(1_000, [['x-cohort', 'beta']]), ['shop/catalog-v2'])
  },
)

const call = (method: object, name: string): object => ({
  matches: [{ method }],
  backendRefs: [{ name, port: 80 }],
})
// Contour wants both the service and the method.
const calls = route('shop/calls', {
  kind: 'GRPCRoute',
  hostnames: ['grpc.example.com'],
  rules: [
    call({ service: 'shop.Catalog', method: 'Get' }, 'catalog-v1'),
    call({ service: 'shop.Catalog', method: 'List' }, 'gone'),
    {
      matches: [
        {
          method: { service: 'shop.Catalog', method: 'Get' },
          headers: [{ name: 'x-cohort', value: 'beta' }],
        },
      ],
      backendRefs: [{ name: 'catalog-v2', port: 80 }],
    },
  ],
})

real('sends gRPC calls where Contour sends them', async (cluster, context) => {
  const contour = await running(cluster, context)
  if (!contour) return
  await create(cluster, calls)
  const caller = gatewayNamed(viewOf([gw]), 'infra/gw')!.proxies[0]!
  const view = viewOf([gw, ...fixed, calls])
  const ask = async (target: string, headers: readonly (readonly [string, string])[] = []) => {
    const raw = { method: 'POST', target, headers: [['host', 'grpc.example.com'], ...headers] } as const
    const { destinations, kind: found } = decide(view, requestOf(raw, caller), { regex: re2 })
    const { status, headers: answer } = await contour.send(raw)
    return [
      destinations.map(({ host }) => serviceAt(host)).join(' ') || found,
      answer['x-answered-by'] ?? status,
    ]
  }
  await until('Envoy has the GRPCRoute', async () => (await ask('/shop.Catalog/Get'))[1] !== 404)
  assert.deepEqual(await ask('/shop.Catalog/Get'), ['shop/catalog-v1', 'shop/catalog-v1'])
  assert.deepEqual(await ask('/shop.Catalog/Get', [['x-cohort', 'beta']]), [
    'shop/catalog-v2',
    'shop/catalog-v2',
  ])
  assert.deepEqual(await ask('/shop.Catalog/GetAll'), ['none', 404])
  assert.deepEqual(await ask('/shop.Catalog/List'), ['shop/gone', 500])
})

const refused: readonly (readonly [reason: string, route: ServiceRoute])[] = [
  ['Accepted', route('shop/taken')],
  ['NoMatchingParent', route('shop/unnamed', { parents: [{ ...gatewayName, sectionName: 'other' }] })],
  ['NotAllowedByListeners', route('shop/foreign', { parents: [{ ...gatewayName, sectionName: 'own' }] })],
  [
    'NoMatchingListenerHostname',
    route('infra/elsewhere', {
      parents: [{ ...gatewayName, sectionName: 'own' }],
      hostnames: ['a.example.com'],
    }),
  ],
]

real('gives the reasons that Contour gives', async (cluster, context) => {
  const contour = await running(cluster, context)
  if (!contour) return
  await follow(cluster, contour, { routes: refused.map(([, object]) => object) })
  for (const [reason, object] of refused) {
    const [attachment] = attachmentsOf(viewOf([gw, ...fixed, object]), object, { complete: true })
    const { refusal } = attachment!
    assert.equal(refusal === undefined ? 'Accepted' : conditionReasonOf[refusal], reason)
    let said: string | undefined
    await until('Contour says so', async () => {
      const read = (await cluster.expect(`${pathOf(object)}/${object.metadata.name}`)) as ServiceRoute
      const conditions = read.status?.parents?.[0]?.conditions ?? []
      said = conditions.find(({ type }) => type === 'Accepted')?.reason
      return said !== undefined
    })
    assert.equal(said, reason, object.metadata.name)
  }
})
