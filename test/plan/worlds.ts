import type { DestinationRule } from '../../shared/objects/destination-rule.ts'
import type { Service, Workload } from '../../shared/objects/core.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import type { HttpRoute, VirtualService } from '../../shared/objects/virtual-service.ts'
import type { Change } from '../../shared/view/change.ts'
import { overlay } from '../../shared/view/overlay.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'

/** Small worlds for the tests of plans: a catalog as people have it, and what a plan makes of it. */
export const namespace = 'istioinaction'

export const service = (
  name = 'catalog',
  ports: Service['spec']['ports'] = [{ name: 'http', port: 80, targetPort: 3000 }],
): Service =>
  deepFreeze({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { selector: { app: name }, ports: ports ?? [] },
  })

export const deployment = (name: string, labels: Record<string, string>, ready = 1): Workload =>
  deepFreeze({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels } } },
    status: { readyReplicas: ready },
  })

export const destinationRule = (...versions: readonly string[]): DestinationRule =>
  deepFreeze({
    apiVersion: 'networking.istio.io/v1alpha3',
    kind: 'DestinationRule',
    metadata: { name: 'catalog', namespace },
    spec: {
      host: 'catalog.istioinaction.svc.cluster.local',
      subsets: versions.map(version => ({ name: `version-${version}`, labels: { version } })),
    },
  })

export const toSubset = (subset: string, host = 'catalog'): HttpRoute => ({
  route: [{ destination: { host, subset } }],
})

export const virtualService = (
  name: string,
  spec: VirtualService['spec'],
  metadata: Partial<VirtualService['metadata']> = {},
): VirtualService =>
  deepFreeze({
    apiVersion: 'networking.istio.io/v1alpha3',
    kind: 'VirtualService',
    metadata: { name, namespace, ...metadata },
    spec,
  })

export const fromGateway = (...http: readonly HttpRoute[]): VirtualService =>
  virtualService('catalog-vs-from-gw', {
    hosts: ['catalog.istioinaction.io'],
    gateways: ['catalog-gateway'],
    http: http.length > 0 ? http : [toSubset('version-v1')],
  })
export const inMesh = (...http: readonly HttpRoute[]): VirtualService =>
  virtualService('catalog-mesh', {
    hosts: ['catalog'],
    gateways: ['mesh'],
    http: http.length > 0 ? http : [toSubset('version-v1')],
  })

/** Service, two Deployments, subsets for both, a route for the gateway and one for the mesh. */
export const catalog = (): readonly KubeObject[] => [
  service(),
  deployment('catalog', { app: 'catalog', version: 'v1' }),
  deployment('catalog-v2', { app: 'catalog', version: 'v2' }),
  destinationRule('v1', 'v2'),
  fromGateway(),
  inMesh(),
]

export const after = (view: ClusterView, changes: readonly Change[]): ClusterView => overlay(view, changes)

export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze)
    Object.freeze(value)
  }
  return value
}
