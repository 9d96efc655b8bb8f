import assert from 'node:assert/strict'
import { openStore } from '../../../plugin/open-store.ts'
import type { ApisixBackend, ApisixRoute, ApisixRule } from '../../../shared/objects/apisix/apisix-route.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { writtenOf } from '../gateway-api/gateway-world.ts'
import { deployment } from '../history/catalog-world.ts'
import { runCommand, words, type Ended } from '../run-command.ts'

const versionService = (version: string): string => `
apiVersion: v1
kind: Service
metadata: { name: catalog-${version} }
spec: { selector: { app: catalog, version: ${version} }, ports: [{ name: http, port: 80 }] }
`

/** A catalog with two versions and a Service of each, and plugins; no routes. */
const services = `
apiVersion: v1
kind: Service
metadata: { name: catalog }
spec: { selector: { app: catalog }, ports: [{ name: http, port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: other }
spec: { selector: { app: other }, ports: [{ name: http, port: 80 }] }
---${versionService('v1')}---${versionService('v2')}---${deployment('v1')}
---${deployment('v2')}
---
apiVersion: apisix.apache.org/v2
kind: ApisixPluginConfig
metadata: { name: common }
spec: { plugins: [{ name: cors, enable: true, config: { allow_origins: '*' } }] }
`

/** An ApisixRoute with three rules, as people have them; `http` are further rules. HOST is the host of the world. */
export const apisixRoute = (http = ''): string => `
apiVersion: apisix.apache.org/v2
kind: ApisixRoute
metadata: { name: catalog, annotations: { team: shop } }
spec:
  ingressClassName: apisix
  http:
  - name: items
    priority: 5
    match:
      hosts: [HOST]
      paths: [/items*]
      methods: [GET]
      exprs: [{ subject: { scope: Query, name: tenant }, op: Equal, value: gold }]
    backends: [{ serviceName: catalog-v1, servicePort: 80, resolveGranularity: service }]
    plugins: [{ name: limit-count, enable: true, config: { count: 2, time_window: 60 } }]
    plugin_config_name: common
    authentication: { enable: true, type: keyAuth, keyAuth: { header: x-key } }
    timeout: { connect: 5s, read: 10s, send: 5s }
    websocket: true
  - name: health
    match: { hosts: [HOST], paths: [/health] }
    backends: [{ serviceName: other, servicePort: 80 }]
  - name: rest
    match: { hosts: [HOST], paths: [/*] }
    backends: [{ serviceName: catalog-v1, servicePort: 80 }]
${http}`

const groups: Readonly<Record<string, string>> = {
  apisixroutes: '/apis/apisix.apache.org/v2',
  apisixpluginconfigs: '/apis/apisix.apache.org/v2',
  virtualservices: '/apis/networking.istio.io/v1',
  deployments: '/apis/apps/v1',
  services: '/api/v1',
}

/** The catalog in a namespace of its own, and what people do there. */
export interface ApisixWorld {
  readonly cluster: Cluster
  readonly namespace: string
  readonly path: (resource: string, name?: string) => string
  /** Runs `kubectl canary …` as the admin. */
  canary(line: string): Promise<Ended>
  /** The same, which must end with 0. */
  does(line: string): Promise<Ended>
  /** The same, which must end with 3; the error with its hints. */
  refuses(line: string): Promise<string>
  /** The rules of the ApisixRoute. */
  rules(): Promise<readonly ApisixRule[]>
  /** All routes and Services: what a person wrote and the server completed, without what the server counts. */
  state(): Promise<readonly unknown[]>
}

/** Makes the catalog with a route; both Deployments are ready. */
export async function apisixWorld(cluster: Cluster, routes = apisixRoute()): Promise<ApisixWorld> {
  const namespace = await cluster.namespace()
  // Routes of all namespaces answer for one APISIX: each has a host of its own.
  await cluster.apply(`${services}---${routes.replaceAll('HOST', `${namespace}.example.com`)}`, { namespace })
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
    rules: async () => ((await cluster.expect(path('apisixroutes', 'catalog'))) as ApisixRoute).spec!.http!,
    state: async () =>
      (await Promise.all(['apisixroutes', 'apisixpluginconfigs', 'services'].map(list))).flat(),
  }
}

/** The rules with other backends for those that lead to the catalog, their other fields kept. */
export const leadingTo = (
  rules: readonly ApisixRule[],
  ...backends: readonly Pick<ApisixBackend, 'serviceName' | 'weight'>[]
): readonly ApisixRule[] =>
  rules.map(rule => {
    const [first] = rule.backends!
    if (first?.serviceName?.startsWith('catalog') !== true) return rule
    const { weight: _, ...fields } = first
    return { ...rule, backends: backends.map(each => ({ ...fields, ...each })) }
  })
