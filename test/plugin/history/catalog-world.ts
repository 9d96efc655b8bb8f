import assert from 'node:assert/strict'
import { openStore } from '../../../plugin/open-store.ts'
import { contentOf } from '../../../shared/objects/content/content.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { runCommand, words, type Ended } from '../run-command.ts'

/** A catalog with two versions, and routes for the gateway and for callers in the mesh. */
const catalog = `
apiVersion: v1
kind: Service
metadata: { name: catalog }
spec: { selector: { app: catalog }, ports: [{ name: http, port: 80 }] }
---
${deployment('v1')}
---
${deployment('v2')}
`
const routesOf = (namespace: string): string => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public }
spec:
  selector: { istio: ingressgateway }
  servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ['*.${namespace}.example.com'] }]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: catalog }
spec:
  host: catalog
  subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: catalog }
spec: { hosts: [catalog], http: [{ route: [{ destination: { host: catalog, subset: v1 } }] }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: catalog-public }
spec:
  hosts: [catalog.${namespace}.example.com]
  gateways: [public]
  http: [{ timeout: 3s, route: [{ destination: { host: catalog, subset: v1 } }] }]
`

/** A version of the catalog, in YAML. */
export function deployment(version: string): string {
  return `
apiVersion: apps/v1
kind: Deployment
metadata: { name: catalog-${version} }
spec:
  selector: { matchLabels: { app: catalog, version: ${version} } }
  template:
    metadata: { labels: { app: catalog, version: ${version} } }
    spec: { containers: [{ name: catalog, image: catalog }] }`
}

/** The catalog in a namespace of its own, and what people do there. */
export interface CatalogWorld {
  readonly namespace: string
  /** Runs `kubectl canary …` as the admin, or as another user. */
  canary(line: string, flags?: readonly string[]): Promise<Ended>
  /** The same, which must end with 0. */
  does(line: string): Promise<Ended>
  /** The routing objects, without what the server keeps in them. */
  state(): Promise<readonly unknown[]>
  /** The records of changes. */
  records(): Promise<readonly KubeObject[]>
  readonly path: (kind: string, name?: string) => string
}

/** Whether the routes are there already. */
export interface CatalogOptions {
  readonly routed?: boolean
}

/** The manifests of the catalog; its public host is of the namespace, so that no two claim one. */
export const catalogYaml = (namespace: string, { routed = true }: CatalogOptions = {}): string =>
  routed ? `${catalog}---${routesOf(namespace)}` : catalog

/** Makes the catalog; its Deployments are ready as far as no controller says otherwise. */
export async function catalogWorld(
  cluster: Cluster,
  { routed = true }: CatalogOptions = {},
): Promise<CatalogWorld> {
  const namespace = await cluster.namespace()
  await cluster.apply(catalogYaml(namespace, { routed }), { namespace })
  const groups: Readonly<Record<string, string>> = {
    virtualservices: '/apis/networking.istio.io/v1',
    destinationrules: '/apis/networking.istio.io/v1',
    controllerrevisions: '/apis/apps/v1',
    deployments: '/apis/apps/v1',
    events: '/api/v1',
    services: '/api/v1',
  }
  const path = (kind: string, name?: string): string =>
    `${groups[kind]}/namespaces/${namespace}/${kind}${name === undefined ? '' : `/${name}`}`
  const list = async (kind: string): Promise<readonly KubeObject[]> =>
    ((await cluster.expect(path(kind))) as { readonly items: readonly KubeObject[] }).items
  const canary = (line: string, flags: readonly string[] = []): Promise<Ended> =>
    runCommand([...words(line), '-n', namespace, '--kubeconfig', cluster.kubeconfig, ...flags], {
      store: openStore,
      now: new Date(),
    })
  for (const version of ['v1', 'v2'])
    await cluster.expect(`${path('deployments', `catalog-${version}`)}/status`, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: { status: { replicas: 1, readyReplicas: 1 } },
    })
  return {
    namespace,
    path,
    canary,
    does: async line => {
      const ended = await canary(line)
      assert.equal(ended.code, 0, `${line}: ${ended.stderr}`)
      return ended
    },
    state: async () =>
      [...(await list('virtualservices')), ...(await list('destinationrules'))].map(contentOf),
    records: () => list('controllerrevisions'),
  }
}
