/** An API server's lists of a large cluster, made up as they are asked for; what is watched never changes. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const namespaces = 200
// As long as what kubectl apply and managedFields leave on real objects.
const bulk = 'x'.repeat(1_500)

const placeOf = (i: number): { readonly name: string; readonly namespace: string } => ({
  name: `svc${i}`,
  namespace: `ns${i % namespaces}`,
})

/** What an API server keeps of the i-th service's objects. */
export function metadata(i: number, suffix = '', more: object = {}): object {
  const { name, namespace } = placeOf(i)
  return {
    name: name + suffix,
    namespace,
    uid: `0000-${i}-${name}${suffix}`,
    resourceVersion: String(100_000 + i),
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { app: name, team: `t${i % 50}` },
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': bulk },
    managedFields: [{ manager: 'kubectl', fieldsV1: { f: bulk } }],
    ...more,
  }
}

const ownedBy = (kind: string, name: string): object => ({
  ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid: name, controller: true }],
})

function templateOf(i: number, version: string): object {
  const { name } = placeOf(i)
  return {
    metadata: { labels: { app: name, version } },
    spec: {
      containers: [
        {
          name: 'c',
          image: 'i',
          env: [{ name: 'A', value: bulk }],
          ports: [{ name: 'http', containerPort: 8080 }],
        },
      ],
    },
  }
}

const destination = (name: string, subset: string): object => ({ destination: { host: name, subset } })

/** How large the cluster is: services, and the routes of each VirtualService. */
export interface ClusterSize {
  readonly services: number
  readonly routes: number
}

const usualWeights: readonly number[] = [90, 10]

/** The weights of the last route, and of those before it if they differ. */
export interface RouteWeights {
  readonly weights?: readonly number[]
  readonly others?: readonly number[]
}

/** The routes of the i-th service: those for cohorts, and one for all others; each splits by the weights. */
export const virtualServiceSpec = (
  i: number,
  routes: number,
  { weights = usualWeights, others = weights }: RouteWeights = {},
): object => {
  const routeOf = (given: readonly number[]): readonly object[] =>
    ['v1', 'v2'].map((version, n) => ({ ...destination(`svc${i}`, version), weight: given[n] }))
  return {
    hosts: [`svc${i}`],
    http: [
      ...Array.from({ length: routes - 1 }, (_, n) => ({
        match: [{ headers: { 'x-istio-cohort': { exact: `internal-${n}` } } }],
        route: routeOf(others),
      })),
      { route: routeOf(weights) },
    ],
  }
}

/** The k-th workload: version v1, v2 or v3 of the (k mod services)-th service. */
function perWorkload(
  k: number,
  services: number,
): { readonly i: number; readonly version: string; readonly suffix: string } {
  const version = `v${1 + Math.floor(k / services)}`
  return { i: k % services, version, suffix: `-${version}` }
}

const namespaceOf = (i: number): object => ({
  kind: 'Namespace',
  apiVersion: 'v1',
  metadata: { name: `ns${i}`, resourceVersion: '1' },
  status: { phase: 'Active' },
})

interface ListedKind {
  readonly count: number
  readonly make: (i: number) => object
}

/** The lists of so many services; each has a VirtualService, a DestinationRule, three Deployments and what these make. */
const listsOf = (size: ClusterSize): Readonly<Record<string, ListedKind>> => ({
  ...routingLists(size),
  ...workloadLists(size),
  ...addressLists(size),
})

const routingLists = ({ services, routes }: ClusterSize): Readonly<Record<string, ListedKind>> => ({
  '/api/v1/namespaces': {
    count: namespaces,
    make: namespaceOf,
  },
  '/api/v1/services': {
    count: services,
    make: i => ({
      metadata: metadata(i),
      spec: {
        clusterIP: '10.0.0.1',
        type: 'ClusterIP',
        selector: { app: `svc${i}` },
        ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }],
      },
    }),
  },
  '/apis/networking.istio.io/v1/destinationrules': {
    count: services,
    make: i => ({
      metadata: metadata(i),
      spec: {
        host: `svc${i}`,
        subsets: ['v1', 'v2'].map(version => ({ name: version, labels: { version } })),
      },
    }),
  },
  '/apis/networking.istio.io/v1/virtualservices': {
    count: services,
    make: i => ({
      metadata: metadata(i),
      spec: virtualServiceSpec(i, routes),
    }),
  },
})

const workloadLists = ({ services }: ClusterSize): Readonly<Record<string, ListedKind>> => ({
  '/apis/apps/v1/deployments': {
    count: 3 * services,
    make: k => {
      const { i, version, suffix } = perWorkload(k, services)
      return {
        metadata: metadata(i, suffix),
        spec: {
          replicas: 2,
          selector: { matchLabels: { app: `svc${i}`, version } },
          template: templateOf(i, version),
        },
        status: { replicas: 2 },
      }
    },
  },
  '/apis/apps/v1/replicasets': {
    count: 3 * services,
    make: k => {
      const { i, version, suffix } = perWorkload(k, services)
      return {
        metadata: metadata(i, `${suffix}-abc`, ownedBy('Deployment', `svc${i}${suffix}`)),
        spec: { replicas: 2, template: templateOf(i, version) },
      }
    },
  },
  '/api/v1/pods': {
    count: 3 * services,
    make: k => {
      const { i, version, suffix } = perWorkload(k, services)
      return {
        metadata: metadata(i, `${suffix}-abc-1`, {
          labels: { app: `svc${i}`, version, 'pod-template-hash': 'abc' },
          ...ownedBy('ReplicaSet', `svc${i}${suffix}-abc`),
        }),
        spec: { containers: [] },
        status: { phase: 'Running' },
      }
    },
  },
})

const addressLists = ({ services }: ClusterSize): Readonly<Record<string, ListedKind>> => ({
  '/apis/discovery.k8s.io/v1/endpointslices': {
    count: services,
    make: i => ({
      metadata: metadata(i, '-xyz', {
        labels: {
          'kubernetes.io/service-name': `svc${i}`,
          'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        },
      }),
      endpoints: Array.from({ length: 6 }, (_, n) => ({
        addresses: [`10.0.${n}.1`],
        conditions: { ready: true },
        targetRef: { kind: 'Pod', name: `svc${i}-v1-abc-${n}`, namespace: placeOf(i).namespace },
      })),
    }),
  },
})

const nothing: ListedKind = { count: 0, make: () => ({}) }

const usual: ClusterSize = { services: 10_000, routes: 2 }

/** Serves the large cluster on the loopback; returns its URL. */
export async function serveLargeCluster(size = usual): Promise<{ readonly url: string } & Disposable> {
  const lists = listsOf(size)
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://x')
    // All EndpointSlices, ReplicaSets and pods here are of the sort that a guard asks to be left out.
    const listed = searchParams.has('labelSelector') ? nothing : (lists[pathname] ?? nothing)
    response.writeHead(pathname.includes('/configmaps/') ? 404 : 200, { 'content-type': 'application/json' })
    if (searchParams.has('watch')) return response.flushHeaders()
    const [, namespace] = /^\/api\/v1\/namespaces\/ns(\d+)$/.exec(pathname) ?? []
    if (namespace !== undefined) return response.end(JSON.stringify(namespaceOf(Number(namespace))))
    const from = Number(searchParams.get('continue') ?? 0)
    const to = Math.min(listed.count, from + Number(searchParams.get('limit') ?? listed.count))
    const items = Array.from({ length: to - from }, (_, n) => listed.make(from + n))
    response.end(
      JSON.stringify({
        kind: 'List',
        metadata: { resourceVersion: '200000', ...(to < listed.count ? { continue: String(to) } : {}) },
        items,
      }),
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.dispose]: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
