import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { MemoryStore } from './memory-store.ts'

/** Services with two versions each, in namespace shop, with all requests on v1. */
export const shop = (...names: readonly string[]): readonly KubeObject[] =>
  names.flatMap(name => [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'shop' },
      spec: { selector: { app: name }, ports: [{ port: 80, name: 'http' }] },
    },
    ...['v1', 'v2'].map(version => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: `${name}-${version}`, namespace: 'shop' },
      spec: { template: { metadata: { labels: { app: name, version } } } },
      status: { replicas: 1, readyReplicas: 1 },
    })),
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: { name, namespace: 'shop' },
      spec: { host: name, subsets: ['v1', 'v2'].map(version => ({ name: version, labels: { version } })) },
    },
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name, namespace: 'shop' },
      spec: { hosts: [name], http: [{ route: [{ destination: { host: name, subset: 'v1' } }] }] },
    },
  ])

/** They alone, as a cluster in memory. */
export const storeOf = (...names: readonly string[]): MemoryStore =>
  new MemoryStore(shop(...names), { namespace: 'shop' })
