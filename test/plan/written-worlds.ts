import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { readTraffic } from '../../shared/plan/read-services.ts'
import type { Traffic } from '../../shared/routing/traffic.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { objectsOf } from '../providers/istio/resolve/corpus.ts'

/** An Istio object as one line of YAML; `name` is `namespace/name`, `metadata` what is added to it: `creationTimestamp: …`. */
export function istio(
  kind: string,
  name: string,
  { spec, metadata = '' }: { spec: string; metadata?: string },
): string {
  const [namespace, own] = name.split('/')
  return `{apiVersion: networking.istio.io/v1, kind: ${kind}, metadata: {name: ${own}, namespace: ${namespace}${metadata === '' ? '' : `, ${metadata}`}}, spec: ${spec}}`
}

export const route = (name: string, spec: string, metadata = ''): string =>
  istio('VirtualService', name, { spec, metadata })

export const to = (subset: string, host = 'catalog.shop.svc.cluster.local'): string =>
  `{route: [{destination: {host: ${host}, subset: ${subset}}}]}`

export const deployment = (version: string, ready = 1): string =>
  `{apiVersion: apps/v1, kind: Deployment, metadata: {name: catalog-${version}, namespace: shop}, spec: {replicas: 1, template: {metadata: {labels: {app: catalog, version: ${version}}}}}, status: {readyReplicas: ${ready}}}`

/** The Service catalog of namespace shop with one port. */
export const catalogService =
  '{apiVersion: v1, kind: Service, metadata: {name: catalog, namespace: shop}, spec: {clusterIP: 10.0.0.10, selector: {app: catalog}, ports: [{name: http, port: 80}]}}'

export const rule = (name: string, spec: string): string => istio('DestinationRule', name, { spec })

export const subsets = '[{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]'

/** The Service catalog, two versions that run, and subsets for them. */
export const shop: readonly string[] = [
  catalogService,
  deployment('v1'),
  deployment('v2'),
  rule('shop/catalog', `{host: catalog, subsets: ${subsets}}`),
]

export const objects = (...texts: readonly string[]): readonly KubeObject[] =>
  objectsOf(texts.join('\n---\n'))

/** The traffic of a service of namespace shop as a status shows it. */
export const trafficIn = (
  texts: readonly string[],
  { live = false, service = 'catalog' }: { live?: boolean; service?: string } = {},
): Traffic =>
  readTraffic(snapshot(objects(...texts)), { service, namespace: 'shop', command: 'status', live })[0]!
