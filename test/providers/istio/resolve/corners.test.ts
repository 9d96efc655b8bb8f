import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { namespaceOf, type KubeObject } from '../../../../shared/objects/kube-object.ts'
import type { Client } from '../../../../shared/providers/istio/resolve/clients.ts'
import { referencesIn } from './proxy-references.ts'
import { snapshot } from '../../../../shared/view/snapshot.ts'
import { objectsOf } from './corpus.ts'
import { cart, front, http, istio, pod, service, stable } from './written-objects.ts'

// What stands here as expected is what Istio's generator writes (master of August 2026).

const sidecar = (namespace: string, labels = {}): Client => ({ namespace, labels, isGateway: false })
const gateway: Client = { namespace: 'shop', labels: { istio: 'gateway' }, isGateway: true }

/** What a proxy finds: `host:subset:port` and the number of endpoints, or `missing`. */
function found(objects: readonly KubeObject[], client: Client): readonly string[] {
  const view = snapshot(objects)
  const rows = view
    .list('VirtualService')
    .flatMap(object =>
      referencesIn(view, object, client).map(
        ({ host, subset, port, hasCluster, endpoints }) =>
          `${namespaceOf(object)}/${object.metadata.name} ${host.replace('.svc.cluster.local', '')}:${subset ?? ''}:${port} ${hasCluster ? String(endpoints) : 'missing'}`,
      ),
    )
  return [...new Set(rows)].toSorted()
}

interface Corner {
  readonly title: string
  readonly world: string
  readonly client?: Client
  readonly finds: readonly string[]
}

const corners: readonly Corner[] = [
  {
    title: 'http routes apply to a host in upper case',
    world:
      cart
      + stable
      + istio(
        'VirtualService',
        'shop/cart',
        '{ hosts: [Cart], http: [{ route: [{ destination: { host: cart, subset: stable } }] }] }',
      ),
    finds: ['shop/cart cart.shop:stable:8080 1'],
  },
  {
    title: 'tcp routes do not apply to a host in upper case',
    world:
      service('db', 'ports: [{ name: tcp, port: 5432 }], selector: { app: db }')
      + pod('db', 'v1')
      + istio(
        'VirtualService',
        'shop/db',
        '{ hosts: [Db], tcp: [{ route: [{ destination: { host: db } }] }] }',
      ),
    finds: [],
  },
  {
    title: 'the expression .* leaves nothing for the next route',
    world:
      cart
      + istio(
        'VirtualService',
        'shop/cart',
        '{ hosts: [cart], http: [{ match: [{ uri: { regex: ".*" } }], route: [{ destination: { host: cart } }] }, { route: [{ destination: { host: cart, subset: gone } }] }] }',
      ),
    finds: ['shop/cart cart.shop::8080 1'],
  },
  {
    title: 'the expression /.* leaves the rest for the next route',
    world:
      cart
      + istio(
        'VirtualService',
        'shop/cart',
        '{ hosts: [cart], http: [{ match: [{ uri: { regex: "/.*" } }], route: [{ destination: { host: cart } }] }, { route: [{ destination: { host: cart, subset: gone } }] }] }',
      ),
    finds: ['shop/cart cart.shop::8080 1', 'shop/cart cart.shop:gone:8080 missing'],
  },
  {
    title: 'a host that nothing provides has no routes where the Sidecar imports no listener on port 80',
    world:
      cart
      + front
      + istio(
        'VirtualService',
        'shop/away',
        '{ hosts: [away.example.com], http: [{ route: [{ destination: { host: cart, port: { number: 8080 } } }] }] }',
      )
      + istio(
        'Sidecar',
        'other/default',
        '{ egress: [{ hosts: ["*/away.example.com", "shop/cart.shop.svc.cluster.local"] }] }',
      ),
    client: sidecar('other'),
    finds: [],
  },
  {
    title: 'a host that nothing provides has routes on port 80 where the Sidecar imports a listener there',
    world:
      cart
      + front
      + istio(
        'VirtualService',
        'shop/away',
        '{ hosts: [away.example.com], http: [{ route: [{ destination: { host: cart, port: { number: 8080 } } }] }] }',
      )
      + istio(
        'Sidecar',
        'other/default',
        '{ egress: [{ hosts: ["*/away.example.com", "shop/front.shop.svc.cluster.local"] }] }',
      ),
    client: sidecar('other'),
    finds: ['shop/away cart.shop::8080 1'],
  },
  {
    title: 'a Sidecar takes away from its imports what it says with a tilde',
    world:
      cart
      + istio(
        'VirtualService',
        'shop/cart',
        '{ hosts: [cart], http: [{ route: [{ destination: { host: cart } }] }] }',
      )
      + istio(
        'Sidecar',
        'other/default',
        '{ egress: [{ hosts: ["*/*", "~shop/cart.shop.svc.cluster.local"] }] }',
      ),
    client: sidecar('other'),
    finds: [],
  },
  {
    title: 'an ExternalName stands for its target on the port that it shares with the listener',
    world:
      cart
      + service('alias', `type: ExternalName, externalName: cart.shop.svc.cluster.local, ${http(8080)}`)
      + istio(
        'VirtualService',
        'shop/cart',
        '{ hosts: [cart], http: [{ route: [{ destination: { host: alias } }] }] }',
      ),
    finds: ['shop/cart cart.shop::8080 1'],
  },
  {
    title: 'an ExternalName stands for nothing on a port that it does not have',
    world:
      cart
      + service('alias', `type: ExternalName, externalName: cart.shop.svc.cluster.local, ${http(9000)}`)
      + istio(
        'VirtualService',
        'shop/cart',
        '{ hosts: [cart], http: [{ route: [{ destination: { host: alias, port: { number: 8080 } } }] }] }',
      ),
    finds: ['shop/cart alias.shop::8080 missing'],
  },
  {
    title: 'routes for an ExternalName need a listener on its port, whosever it is',
    world:
      cart
      + service('alias', `type: ExternalName, externalName: away.example.com, ${http(8080)}`)
      + istio(
        'VirtualService',
        'shop/alias',
        '{ hosts: [alias], http: [{ route: [{ destination: { host: cart } }] }] }',
      ),
    finds: ['shop/alias cart.shop::8080 1'],
  },
  {
    title: 'a namespace prefers what it provides itself for a host over the Service',
    world:
      cart
      + istio(
        'ServiceEntry',
        'other/cart',
        '{ hosts: [cart.shop.svc.cluster.local], ports: [{ number: 443, name: tls, protocol: TLS }], resolution: STATIC, endpoints: [{ address: 10.9.0.1 }] }',
      )
      + istio(
        'VirtualService',
        'shop/cart',
        '{ hosts: [cart], http: [{ route: [{ destination: { host: cart } }] }] }',
      ),
    client: sidecar('other'),
    finds: [],
  },
  {
    title:
      'of two that are not created yet the one that stands first has the host, whatever their namespaces',
    world:
      cart
      + istio(
        'VirtualService',
        'web/b',
        '{ hosts: [other.example.com], http: [{ route: [{ destination: { host: away.example.com } }] }] }',
      )
      + istio(
        'VirtualService',
        'shop/a',
        '{ hosts: [www.example.com], http: [{ route: [{ destination: { host: away.example.com } }] }] }',
      )
      + istio(
        'VirtualService',
        'web/first',
        '{ hosts: [cart.shop.svc.cluster.local], http: [{ route: [{ destination: { host: cart.shop.svc.cluster.local } }] }] }',
      )
      + istio(
        'VirtualService',
        'shop/second',
        '{ hosts: [cart], http: [{ route: [{ destination: { host: away.example.com } }] }] }',
      ),
    finds: ['web/first cart.shop::8080 1'],
  },
  {
    title: 'where a port is sniffed, routes apply to its own Service only',
    world:
      cart
      + service('store', 'ports: [{ port: 9000 }], selector: { app: store }')
      + pod('store', 'v1')
      + istio(
        'VirtualService',
        'shop/first',
        '{ hosts: [store], http: [{ route: [{ destination: { host: store } }] }] }',
      )
      + istio(
        'VirtualService',
        'shop/second',
        '{ hosts: [store, cart], http: [{ route: [{ destination: { host: cart } }] }] }',
      ),
    finds: ['shop/first store.shop::9000 1', 'shop/second cart.shop::8080 1'],
  },
  {
    title: 'an empty appProtocol counts as one, so that the name does not make the port TLS',
    world:
      service('db', 'ports: [{ name: tls, port: 9443, appProtocol: "" }], selector: { app: db }')
      + istio(
        'VirtualService',
        'shop/db',
        '{ hosts: [db.shop.svc.cluster.local], tls: [{ match: [{ sniHosts: [db.shop.svc.cluster.local] }], route: [{ destination: { host: db } }] }] }',
      ),
    finds: [],
  },
  {
    title: 'http routes know no ExternalName that their client does not see',
    world:
      cart
      + service(
        'alias',
        `type: ExternalName, externalName: cart.shop.svc.cluster.local, ${http(8080)}`,
      ).replace(
        'namespace: shop }',
        'namespace: shop, annotations: { networking.istio.io/exportTo: other } }',
      )
      + istio(
        'VirtualService',
        'shop/cart',
        '{ hosts: [cart], http: [{ route: [{ destination: { host: alias } }] }] }',
      ),
    finds: ['shop/cart alias.shop::8080 missing'],
  },
  {
    title: 'a gateway gives a server name to the first tls route that asks for it',
    world:
      cart
      + istio(
        'Gateway',
        'shop/gw',
        '{ selector: { istio: gateway }, servers: [{ port: { number: 443, name: tls, protocol: TLS }, hosts: ["*"], tls: { mode: PASSTHROUGH } }] }',
      )
      + istio(
        'VirtualService',
        'shop/cart',
        `{ hosts: [cart.example.com], gateways: [gw], tls: [
        { match: [{ sniHosts: [cart.example.com] }], route: [{ destination: { host: cart } }] }, { match: [{ sniHosts: [cart.example.com] }], route: [{ destination: { host: cart, subset: gone } }] }] }`,
      ),
    client: gateway,
    finds: ['shop/cart cart.shop::8080 1'],
  },
  {
    title: 'a gateway knows the addresses of a headless Service, and that there are none',
    world:
      service('cart', `clusterIP: None, ${http(8080)}, selector: { app: cart }`)
      + pod('cart', 'v1')
      + istio(
        'DestinationRule',
        'shop/cart',
        '{ host: cart, subsets: [{ name: stable, labels: { version: v1 } }, { name: canary, labels: { version: v2 } }] }',
      )
      + istio(
        'Gateway',
        'shop/gw',
        '{ selector: { istio: gateway }, servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ["*"] }] }',
      )
      + istio(
        'VirtualService',
        'shop/cart',
        '{ hosts: [cart.example.com], gateways: [gw], http: [{ route: [{ destination: { host: cart, subset: stable }, weight: 50 }, { destination: { host: cart, subset: canary }, weight: 50 }] }] }',
      ),
    client: gateway,
    finds: ['shop/cart cart.shop:canary:8080 0', 'shop/cart cart.shop:stable:8080 1'],
  },
]

describe('corners of the configuration that Istio generates', () => {
  for (const { title, world, client = sidecar('shop'), finds } of corners) {
    it(title, () => assert.deepEqual(found(objectsOf(world), client), finds))
  }
})
