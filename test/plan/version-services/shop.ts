import { istioReader } from '../../../shared/providers/istio/reader.ts'
import type { VirtualService } from '../../../shared/objects/virtual-service.ts'
import type { Traffic } from '../../../shared/routing/traffic.ts'
import type { RoutedService } from '../../../shared/routing/service.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { sessionOf } from '../../../shared/view/session.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { objectsOf } from '../../providers/istio/resolve/corpus.ts'
import { istio, service } from '../../providers/istio/resolve/written-objects.ts'

/** Versions of one application as Services of their own, in the namespace shop. */
export const http = 'ports: [{name: http, port: 80}]'

/** A Service that selects the pods of one version, and its Deployment with one ready pod. */
export const version = (name: string, labels: string, ports = http): string =>
  service(name, `selector: {${labels}}, ${ports}`) + deployment(name, labels)

export const deployment = (name: string, labels: string, ready = 1): string =>
  `---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}, namespace: shop}\n`
  + `spec: {replicas: 1, selector: {matchLabels: {${labels}}}, template: {metadata: {labels: {${labels}}}}}\n`
  + `status: {readyReplicas: ${ready}}\n`

export const v1 = version('catalog-v1', 'app: catalog, version: v1')
export const v2 = version('catalog-v2', 'app: catalog, version: v2')
export const v3 = version('catalog-v3', 'app: catalog, version: v3')
/** The Service that callers ask for; its pods are those of all versions. */
export const apex = service('catalog', `selector: {app: catalog}, ${http}`)
export const orders = version('orders', 'app: orders')

/** A VirtualService from its `namespace/name` and its spec. */
export const routes = (name: string, spec: string): string => istio('VirtualService', name, spec)
/** For callers in the mesh: a share of requests for each Service, or all for the only one. */
export const inMesh = (...shares: readonly string[]): string =>
  routes('shop/catalog', `{hosts: [catalog], http: [{${to(...shares)}}]}`)
/** The gateway of {@link atGateway}; it takes all hosts. */
export const gateway = istio(
  'Gateway',
  'istio-system/public',
  '{selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}',
)
export const atGateway = (...shares: readonly string[]): string =>
  routes(
    'shop/front',
    `{hosts: [shop.example.com], gateways: [istio-system/public], http: [{${to(...shares)}}]}`,
  )

/** The destinations of a route: `catalog-v1=90`. */
export const to = (...shares: readonly string[]): string =>
  `route: [${shares
    .map(share => {
      const [host, weight] = share.split('=')
      return `{destination: {host: ${host}}${weight === undefined ? '' : `, weight: ${weight}`}}`
    })
    .join(', ')}]`

/** Both versions, the Service before them, and a route that gives v2 a tenth. */
export const shop = apex + v1 + v2 + inMesh('catalog-v1=90', 'catalog-v2=10')

export const viewOf = (...yaml: readonly string[]): ClusterView =>
  sessionOf(snapshot(objectsOf(yaml.join(''))))

/** The service that is meant by a name in the namespace shop. */
export const meant = (view: ClusterView, name: string): RoutedService =>
  istioReader.serviceMeantBy(view, { name, namespace: 'shop', clusterDomain: view.mesh.clusterDomain })

export const trafficOf = (view: ClusterView, name = 'catalog'): Traffic =>
  istioReader.read(view, meant(view, name), { complete: true }).traffic

/** Every version with its Service: `v1 catalog-v1`. */
export const versionsOf = (view: ClusterView, name = 'catalog'): string =>
  trafficOf(view, name)
    .versions.map(each => [each.name, each.subset ?? each.host].join(' '))
    .join(', ')

/** The routes of a VirtualService: `catalog-v1=90 catalog-v2=10`; mirrors behind `+`. */
export const routesIn = (view: ClusterView, name = 'catalog', namespace = 'shop'): readonly string[] => {
  const { spec } = view.get({ kind: 'VirtualService', namespace, name })!
  return [...(spec.http ?? []), ...(spec.tcp ?? [])].map(route => {
    const { mirrors = [], mirror } = route as NonNullable<VirtualService['spec']['http']>[number]
    const copies = [
      ...(mirror === undefined ? [] : [mirror]),
      ...mirrors.map(({ destination }) => destination),
    ]
    return [
      ...(route.route ?? []).map(
        ({ destination: { host, subset, port }, weight }) =>
          [host, subset, port?.number].filter(Boolean).join(':') + (weight === undefined ? '' : `=${weight}`),
      ),
      ...copies.map(({ host }) => `+${host}`),
    ].join(' ')
  })
}
