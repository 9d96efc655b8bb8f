import assert from 'node:assert/strict'
import { openStore } from '../../../plugin/open-store.ts'
import type { BackendRef, RouteRule, ServiceRoute } from '../../../shared/objects/gateway-api.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { deployment } from '../history/catalog-world.ts'
import { runCommand, words, type Ended } from '../run-command.ts'

const versionService = (version: string): string => `
apiVersion: v1
kind: Service
metadata: { name: catalog-${version} }
spec: { selector: { app: catalog, version: ${version} }, ports: [{ name: http, port: 80 }] }
`

/** A catalog with two versions, a Service of each, and a Gateway; no routes. */
export const services = `
apiVersion: v1
kind: Service
metadata: { name: catalog }
spec: { selector: { app: catalog }, ports: [{ name: http, port: 80 }] }
---${versionService('v1')}---${versionService('v2')}---${deployment('v1')}
---${deployment('v2')}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: public }
spec:
  gatewayClassName: istio
  listeners: [{ name: http, port: 80, protocol: HTTP, hostname: '*.example.com' }]
`

/** An HTTPRoute with three rules, at the Gateway or at the Service. */
export const httpRoute = (at: 'gateway' | 'service'): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: catalog, annotations: { team: shop } }
spec:
  ${
    at === 'gateway'
      ? '{ parentRefs: [{ name: public }], hostnames: [catalog.example.com]'
      : "{ parentRefs: [{ group: '', kind: Service, name: catalog }]"
  },
    rules: [
      { matches: [{ path: { type: PathPrefix, value: /items } }],
        filters: [{ type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: x-auth, value: '1' }] } }],
        backendRefs: [{ name: catalog-v1, port: 80 }] },
      { matches: [{ path: { type: Exact, value: /health } }], backendRefs: [{ name: other, port: 80 }] },
      { backendRefs: [{ name: catalog-v1, port: 80 }], timeouts: { request: 5s } } ] }
`

/** A GRPCRoute with two rules at the Gateway. */
export const grpcRoute = `
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: { name: catalog }
spec:
  parentRefs: [{ name: public }]
  hostnames: [catalog.example.com]
  rules:
  - matches: [{ method: { service: shop.Catalog, method: List } }]
    backendRefs: [{ name: catalog-v1, port: 80 }]
  - backendRefs: [{ name: catalog-v1, port: 80 }]
`

const groups: Readonly<Record<string, string>> = {
  httproutes: '/apis/gateway.networking.k8s.io/v1',
  grpcroutes: '/apis/gateway.networking.k8s.io/v1',
  virtualservices: '/apis/networking.istio.io/v1',
  controllerrevisions: '/apis/apps/v1',
  deployments: '/apis/apps/v1',
  services: '/api/v1',
}

/** The catalog in a namespace of its own, and what people do there. */
export interface GatewayWorld {
  readonly cluster: Cluster
  readonly namespace: string
  readonly path: (resource: string, name?: string) => string
  /** Runs `kubectl canary …` as the admin. */
  canary(line: string): Promise<Ended>
  /** The same, which must end with 0. */
  does(line: string): Promise<Ended>
  /** The same, which must end with 3; the error with its hints. */
  refuses(line: string): Promise<string>
  /** A route by its resource's name, `httproutes` unless said otherwise. */
  route(resource?: string, name?: string): Promise<ServiceRoute>
  /** All routes and Services: what a person wrote and the server completed, without what the server counts. */
  state(): Promise<readonly unknown[]>
}

/** What a person wrote of an object, or somebody since. */
export const writtenOf = (object: KubeObject): object => {
  const { name, annotations = {}, labels = {} } = object.metadata
  const { 'kubectl.kubernetes.io/last-applied-configuration': _, ...others } = annotations
  return { kind: object.kind, name, annotations: others, labels, spec: Reflect.get(object, 'spec') }
}

/** Makes the catalog with a route; both Deployments are ready. */
export async function gatewayWorld(
  cluster: Cluster,
  routes = '',
  objects: string = services,
): Promise<GatewayWorld> {
  const namespace = await cluster.namespace()
  await cluster.apply(`${objects}---${routes}`, { namespace })
  const path = (resource: string, name?: string): string =>
    `${groups[resource]}/namespaces/${namespace}/${resource}${name === undefined ? '' : `/${name}`}`
  for (const version of ['v1', 'v2'])
    await cluster.expect(`${path('deployments', `catalog-${version}`)}/status`, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: { status: { replicas: 1, readyReplicas: 1 } },
    })
  const canary = (line: string): Promise<Ended> =>
    runCommand([...words(line), '-n', namespace, '--kubeconfig', cluster.kubeconfig], {
      store: openStore,
      now: new Date(),
    })
  const ending = async (code: number, line: string): Promise<Ended> => {
    const ended = await canary(line)
    assert.equal(ended.code, code, `${line}: ${ended.stdout}${ended.stderr}`)
    return ended
  }
  const list = async (resource: string): Promise<readonly object[]> => {
    const { items } = (await cluster.expect(path(resource))) as { readonly items: readonly KubeObject[] }
    return items.map(item => writtenOf({ ...item, kind: resource }))
  }
  return {
    cluster,
    namespace,
    path,
    canary,
    does: line => ending(0, line),
    refuses: async line => (await ending(3, line)).stderr,
    route: async (resource = 'httproutes', name = 'catalog') =>
      (await cluster.expect(path(resource, name))) as ServiceRoute,
    state: async () => (await Promise.all(['httproutes', 'grpcroutes', 'services'].map(list))).flat(),
  }
}

/** A backend as the server completes it. */
export const backend = (name: string, weight = 1): BackendRef => ({
  group: '',
  kind: 'Service',
  name,
  port: 80,
  weight,
})

/** A route's rules with other backends for those that lead to the catalog. */
export const leadingTo = (
  rules: readonly RouteRule[],
  ...backendRefs: readonly BackendRef[]
): readonly RouteRule[] =>
  rules.map(rule =>
    rule.backendRefs?.[0]?.name?.startsWith('catalog') === true ? { ...rule, backendRefs } : rule,
  )
