import assert from 'node:assert/strict'
import { it } from 'node:test'
import { namespaceOf, type KubeObject } from '../../../../shared/objects/kube-object.ts'
import type { VirtualServiceSpec } from '../../../../shared/objects/virtual-service.ts'
import { inPrecedence } from '../../../../shared/providers/istio/resolve/mesh/owners.ts'
import { routeTable } from '../../../../shared/providers/istio/route/table.ts'
import type { ClusterView } from '../../../../shared/view/cluster-view.ts'
import { sessionOf } from '../../../../shared/view/session.ts'
import { snapshot } from '../../../../shared/view/snapshot.ts'
import { fc } from '../../../properties.ts'
import { matchHost, type Generated } from './generator.ts'
import { ingress } from '../../../routing/requests.ts'

const domains = ['*', '*.com', '*.example.com', 'shop.example.com', 'api.example.com', '*op.example.com']
const serverHosts = [...domains, 'shop/*', './*.example.com', 'web/shop.example.com', '*/api.example.com']
const server = fc.uniqueArray(fc.constantFrom(...serverHosts), { minLength: 1, maxLength: 3 })
const gateway = fc.record({
  namespace: fc.constantFrom('shop', 'istio-system'),
  servers: fc.array(server, { minLength: 1, maxLength: 2 }),
  day: fc.integer({ min: 1, max: 28 }),
})
const routing = fc.record({
  namespace: fc.constantFrom('shop', 'web'),
  hosts: fc.uniqueArray(fc.constantFrom(...domains, 'Shop.Example.com'), { minLength: 1, maxLength: 3 }),
  gateways: fc.uniqueArray(
    fc.constantFrom('shop/gw-0', 'istio-system/gw-0', 'shop/gw-1', 'istio-system/gw-1'),
    {
      minLength: 1,
    },
  ),
  exportTo: fc.constantFrom(undefined, ['.'], ['istio-system'], ['*']),
  port: fc.constantFrom(undefined, 80, 8080),
  day: fc.integer({ min: 1, max: 28 }),
})
type Gateway = typeof gateway extends fc.Arbitrary<infer T> ? T : never
type Routing = typeof routing extends fc.Arbitrary<infer T> ? T : never

const asked = [
  'shop.example.com',
  'api.example.com',
  'x.example.com',
  'example.com',
  'a.com',
  'laptop.example.com',
  'io',
]

it('finds the routes that the generator gives a gateway for each host', () => {
  fc.assert(
    fc.property(
      fc.record({
        gateways: fc.array(gateway, { minLength: 1, maxLength: 2 }),
        routings: fc.array(routing, { maxLength: 4 }),
      }),
      ({ gateways, routings }) => {
        const view = sessionOf(snapshot([...gateways.map(gatewayOf), ...routings.map(virtualServiceOf)]))
        const generated = generate(view, gateways)
        for (const host of asked) {
          const { routes } = routeTable(view, { caller: ingress, host, port: 80 })
          assert.equal(
            routes.map(({ ref }) => ref.owner.name).join(' '),
            matchHost(generated, host) ?? '',
            host,
          )
        }
      },
    ),
    { numRuns: 300 },
  )
})

/** All virtual hosts of port 80, by the servers' order and that of the VirtualServices of each (buildGatewayHTTPRouteConfig). */
function generate(view: ClusterView, gateways: readonly Gateway[]): readonly Generated[] {
  const inOrder = gateways
    .map((one, i) => ({ ...one, name: `gw-${i}` }))
    .toSorted((one, other) => one.day - other.day || compare(one.name, other.name))
  const objects = inPrecedence(view, view.list('VirtualService'), 'istio-system')
  const pairs = inOrder.flatMap(({ name, namespace, servers }) =>
    servers.flatMap(hosts =>
      objects
        .filter(({ spec }) => spec.gateways?.includes(`${namespace}/${name}`) === true && isOn80(spec))
        .flatMap(object =>
          intersection(forNamespace(hosts, namespace, namespaceOf(object)), object.spec.hosts ?? []).map(
            domain => ({ domain, by: object.metadata.name }),
          ),
        ),
    ),
  )
  return [...Map.groupBy(pairs, ({ domain }) => domain)].map(([domain, those]) => ({
    domains: [domain],
    by: those.map(({ by }) => by).join(' '),
  }))
}

const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other))

const isOn80 = ({ http }: VirtualServiceSpec): boolean => http?.[0]?.match?.[0]?.port !== 8080

/** NamesForNamespace */
const forNamespace = (hosts: readonly string[], own: string, namespace: string): readonly string[] =>
  hosts.flatMap(host => {
    const [owner, name] = host.includes('/') ? host.split('/') : ['*', host]
    return owner === '*' || (owner === '.' ? own : owner) === namespace ? [name!] : []
  })

/** Names.Intersection, its result in lower case as domains are. */
function intersection(some: readonly string[], others: readonly string[]): readonly string[] {
  const found: string[] = []
  for (const one of some)
    for (const other of others) {
      const narrower = isSubset(one, other) ? one : isSubset(other, one) ? other : undefined
      if (narrower !== undefined && !found.includes(narrower)) found.push(narrower)
    }
  return [...new Set(found.map(host => host.toLowerCase()))]
}

function isSubset(one: string, other: string): boolean {
  if (!other.startsWith('*')) return one === other
  return one.startsWith('*')
    ? one.length >= other.length && one.endsWith(other.slice(1))
    : one.endsWith(other.slice(1))
}

const created = (day: number): string => `2026-01-${String(day).padStart(2, '0')}T00:00:00Z`

const istio = (kind: string, metadata: object, spec: object): KubeObject =>
  ({ apiVersion: 'networking.istio.io/v1', kind, metadata, spec }) as KubeObject

const gatewayOf = ({ namespace, servers, day }: Gateway, i: number): KubeObject =>
  istio(
    'Gateway',
    { name: `gw-${i}`, namespace, creationTimestamp: created(day) },
    {
      selector: ingress.labels,
      servers: servers.map(hosts => ({ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts })),
    },
  )

/** Its one route asks for a header, so that it is not moved to the end. */
const virtualServiceOf = (
  { namespace, hosts, gateways, exportTo, port, day }: Routing,
  i: number,
): KubeObject =>
  istio(
    'VirtualService',
    { name: `vs-${i}`, namespace, creationTimestamp: created(day) },
    {
      hosts,
      gateways,
      ...(exportTo === undefined ? {} : { exportTo }),
      http: [
        {
          match: [{ headers: { 'x-tenant': {} }, ...(port === undefined ? {} : { port }) }],
          route: [{ destination: { host: 'catalog' } }],
        },
      ],
    },
  )
