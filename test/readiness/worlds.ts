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
  `{apiVersion: apps/v1, kind: Deployment, metadata: {name: ${name}, namespace: shop}, spec: {replicas: ${replicas}, selector: {matchLabels: {app: ${name}}},
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

const parts = {
  namespace: namespace(),
  service: service(),
  v1: deployment('catalog', 'app: catalog, version: v1'),
  v2: deployment('catalog-v2', 'app: catalog, version: v2', { replicas: 1 }),
  rule: destinationRule(),
  route: virtualService(),
}

/** The healthy world with some parts replaced, left out (empty), or added. */
export const world = (
  replaced: Partial<Record<keyof typeof parts, string>> = {},
  ...added: readonly string[]
): readonly KubeObject[] =>
  yaml(...Object.values({ ...parts, ...replaced }).filter(text => text !== ''), ...added)
