/** A healthy canary of one service, in parts that tests replace. */
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { yaml } from './reports.ts'

export const namespace = (labels = 'istio-injection: enabled', name = 'shop'): string =>
  `{apiVersion: v1, kind: Namespace, metadata: {name: ${name}, uid: n-${name}, labels: {${labels}}}}`

export const deployment = (
  name: string,
  labels: string,
  { replicas = 2, metadata = '', spec = '' } = {},
): string =>
  `{apiVersion: apps/v1, kind: Deployment, metadata: {name: ${name}, namespace: shop}, spec: {replicas: ${replicas}, selector: {matchLabels: {${labels.split(',', 1)[0]!}}},
    template: {metadata: {labels: {${labels}}${metadata}}, spec: {${spec}containers: [{name: app, image: app, ports: [{name: http, containerPort: 8080}]}]}}},
    status: {replicas: ${replicas}, readyReplicas: ${replicas}}}`

export const service = (
  spec = 'selector: {app: catalog}',
  ports = '{name: http, port: 80, targetPort: 8080}',
): string =>
  `{apiVersion: v1, kind: Service, metadata: {name: catalog, namespace: shop}, spec: {${spec}, ports: [${ports}]}}`

export const destinationRule = (more = ''): string =>
  `{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: catalog, namespace: shop}, spec: {host: catalog${more},
    subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}}`

export const virtualService = (more = ''): string =>
  `{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: catalog, namespace: shop, creationTimestamp: "2026-01-01T00:00:00Z"}, spec: {hosts: [catalog]${more},
    http: [{route: [{destination: {host: catalog, subset: v1}, weight: 90}, {destination: {host: catalog, subset: v2}, weight: 10}]}]}}`

export const optingOut = deployment(
  'catalog-v2',
  'app: catalog, version: v2, sidecar.istio.io/inject: "false"',
)
export const peer = (spec: string, { name = 'default', where = 'shop' } = {}): string =>
  `{apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {name: ${name}, namespace: ${where}}, spec: {${spec}}}`
export const budget = (spec: string, name = 'catalog'): string =>
  `{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: ${name}, namespace: shop}, spec: {selector: {matchLabels: {app: catalog}}, ${spec}}}`
export const scaler = (target: string, most = 10): string =>
  `{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: ${target}, namespace: shop}, spec: {minReplicas: 1, maxReplicas: ${most}, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: ${target}}}}`
export const disabled = destinationRule(', trafficPolicy: {tls: {mode: DISABLE}}')

const parts = {
  namespace: namespace(),
  service: service(),
  v1: deployment('catalog', 'app: catalog, version: v1'),
  v2: deployment('catalog-v2', 'app: catalog, version: v2', { replicas: 1 }),
  rule: destinationRule(),
  route: virtualService(),
}

type Parts = Partial<Record<keyof typeof parts, string>>

/** The healthy world as YAML, with some parts replaced, left out (empty), or added. */
export const worldText = (replaced: Parts = {}, ...added: readonly string[]): readonly string[] => [
  ...Object.values({ ...parts, ...replaced }).filter(text => text !== ''),
  ...added,
]

/** The same as objects. */
export const world = (replaced: Parts = {}, ...added: readonly string[]): readonly KubeObject[] =>
  yaml(...worldText(replaced, ...added))
