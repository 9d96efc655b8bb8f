import type { KubeObject } from '../../../shared/objects/kube-object.ts'

const created = '2024-01-01T00:00:00Z'
const metadata = (name: string, namespace: string) => ({ name, namespace, creationTimestamp: created })

/** The VirtualService of the n-th Service, which splits its traffic over two subsets. */
export const nthRoutes = (n: number, subsets = ['v1', 'v2']): KubeObject =>
  ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: metadata(`s${n}`, `ns${n % 100}`),
    spec: {
      hosts: [`s${n}`],
      http: [
        {
          route: subsets.map((subset, i) => ({
            destination: { host: `s${n}`, subset },
            weight: i === 0 ? 90 : 10,
          })),
        },
      ],
    },
  }) as KubeObject

/** The DestinationRule of the n-th Service. */
export const nthRule = (n: number, subsets = ['v1', 'v2']): KubeObject =>
  ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: metadata(`s${n}`, `ns${n % 100}`),
    spec: { host: `s${n}`, subsets: subsets.map(name => ({ name, labels: { version: name } })) },
  }) as KubeObject

export const nthService = (n: number): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(`s${n}`, `ns${n % 100}`),
    spec: { selector: { app: `s${n}` }, ports: [{ port: 80, name: 'http' }] },
  }) as KubeObject

export const nthWorkload = (n: number, version: string): KubeObject =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(`s${n}-${version}`, `ns${n % 100}`),
    spec: { replicas: 1, template: { metadata: { labels: { app: `s${n}`, version } } } },
  }) as KubeObject

/** A cluster of so many Services, each with routes, a rule and three workloads. */
export function* bigWorld(size: number): Iterable<KubeObject> {
  for (let n = 0; n < size; n++) {
    yield nthRoutes(n)
    yield nthRule(n)
    yield nthService(n)
    for (const version of ['v1', 'v2', 'v3']) yield nthWorkload(n, version)
  }
}
