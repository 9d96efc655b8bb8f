import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import { routeTable } from '../../../../shared/providers/istio/route/table.ts'
import { sessionOf } from '../../../../shared/view/session.ts'
import { snapshot } from '../../../../shared/view/snapshot.ts'
import { fc } from '../../../properties.ts'
import { generate, matchHost } from './generator.ts'

const service = (name: string, namespace: string, spec: object): KubeObject =>
  ({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec }) as KubeObject
const port = (number: number, name?: string) => ({ port: number, ...(name === undefined ? {} : { name }) })

const ports = fc.subarray([port(80, 'http'), port(8080, 'http-admin'), port(90, 'grpc')], { minLength: 1 })
const services = fc.record({
  catalog: ports,
  orders: fc.constantFrom([port(80, 'http')], [port(80, 'tcp'), port(8080, 'http')], [port(8080, 'http')]),
  db: ports,
  alias: fc.constantFrom([port(80, 'http')], [port(8080, 'http')]),
  aliased: fc.constantFrom('catalog.shop.svc.cluster.local', 'db.shop.svc.cluster.local', 'else.example.com'),
})
const entries = fc.subarray(['api.ext.io', '*.ext.io', 'catalog.shop', 'db.shop.svc'])

const saidHosts = [
  'catalog.shop.svc.cluster.local',
  'orders.shop.svc.cluster.local',
  'db.shop.svc.cluster.local',
  'alias.shop.svc.cluster.local',
  'catalog.shop',
  'catalog',
  'alias.shop.svc',
  'api.ext.io',
  'gone.ext.io',
  'gone.io',
  '*.ext.io',
  '*.io',
  '*.shop.svc.cluster.local',
  '*.svc.cluster.local',
  '*atalog.shop.svc.cluster.local',
]
const match = fc.constantFrom(
  undefined,
  [{ sourceLabels: { app: 'web' } }],
  [{ sourceLabels: { app: 'other' } }],
  [{ port: 8080 }],
  [{ gateways: ['mesh'] }],
)
const routing = fc.record({
  namespace: fc.constantFrom('shop', 'web', 'other'),
  hosts: fc.uniqueArray(fc.constantFrom(...saidHosts), { minLength: 1, maxLength: 3 }),
  exportTo: fc.constantFrom(undefined, ['.'], ['web'], ['*']),
  match,
  day: fc.integer({ min: 1, max: 28 }),
})

const callers = fc.constantFrom('shop', 'web')
const askedHosts = [
  ...saidHosts.filter(host => !host.startsWith('*')),
  'orders',
  'db.shop',
  'alias',
  'alias.shop',
  'catalog.shop.svc.cluster.local.',
  'x.ext.io',
  'x.y.ext.io',
  'x.io',
  'db-0.db.shop.svc.cluster.local',
  'db-0.db',
]

/** All ports say their protocol here: one that does not has a listener of its own, which knows no other hosts. */
it('finds the virtual host that the generator makes for each host', () => {
  fc.assert(
    fc.property(
      fc.record({ services, entries, routings: fc.array(routing, { maxLength: 5 }), namespace: callers }),
      ({ services: kinds, entries: hosts, routings, namespace }) => {
        const view = sessionOf(snapshot(objectsOf(kinds, hosts, routings)))
        const client = { namespace, labels: { app: 'web' }, isGateway: false }
        const caller = { kind: 'workload' as const, namespace, labels: client.labels }
        for (const number of [80, 8080, 90]) {
          const generated = generate(view, client, number)
          for (const host of askedHosts) {
            const table = routeTable(view, { caller, host, port: number })
            if (table.kind !== 'opaque')
              assert.equal(nameOf(table), matchHost(generated, host), `${host}:${number}`)
          }
        }
      },
    ),
    { numRuns: 300 },
  )
})

type Table = ReturnType<typeof routeTable>

const nameOf = ({ kind, routes, provided }: Table): string | undefined =>
  kind === 'default' ? `default ${provided}` : routes[0]?.ref.owner.name

type Routing = typeof routing extends fc.Arbitrary<infer T> ? T : never
type Services = typeof services extends fc.Arbitrary<infer T> ? T : never

const objectsOf = (
  { catalog, orders, db, alias, aliased }: Services,
  hosts: readonly string[],
  routings: readonly Routing[],
): readonly KubeObject[] => [
  service('web', 'web', {
    clusterIP: '10.0.0.9',
    ports: [port(80, 'http'), port(8080, 'http'), port(90, 'http')],
  }),
  service('catalog', 'shop', { clusterIP: '10.0.0.1', ports: catalog }),
  service('orders', 'shop', { clusterIP: '10.0.0.2', ports: orders }),
  service('db', 'shop', { clusterIP: 'None', ports: db }),
  service('alias', 'shop', { type: 'ExternalName', externalName: aliased, ports: alias }),
  ...hosts.map((host, i) =>
    istio(
      'ServiceEntry',
      { name: `entry-${i}`, namespace: 'shop' },
      {
        hosts: [host],
        ports: [{ number: 80, name: 'http', protocol: 'HTTP' }],
        resolution: 'NONE',
      },
    ),
  ),
  ...routings.map(virtualService),
]

const istio = (kind: string, metadata: object, spec: object): KubeObject =>
  ({ apiVersion: 'networking.istio.io/v1', kind, metadata, spec }) as KubeObject

function virtualService({ namespace, hosts, exportTo, match: blocks, day }: Routing, i: number): KubeObject {
  const creationTimestamp = `2026-01-${String(day).padStart(2, '0')}T00:00:00Z`
  const route = [{ destination: { host: 'catalog' } }]
  return istio(
    'VirtualService',
    { name: `vs-${i}`, namespace, creationTimestamp },
    {
      hosts,
      ...(exportTo === undefined ? {} : { exportTo }),
      http: [{ ...(blocks === undefined ? {} : { match: blocks }), route }],
    },
  )
}
