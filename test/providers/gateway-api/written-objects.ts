/** Objects of the Gateway API in few words. */
import type { Service } from '../../../shared/objects/core.ts'
import type { ReferenceGrant, RouteGateway, ServiceRoute } from '../../../shared/objects/gateway-api.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { sessionOf } from '../../../shared/view/session.ts'
import { snapshot, type SnapshotOptions } from '../../../shared/view/snapshot.ts'

const gatewayApi = 'gateway.networking.k8s.io'

/** A session on some objects. */
export const viewOf = (objects: readonly KubeObject[], options: SnapshotOptions = {}): ClusterView =>
  sessionOf(snapshot(objects, options))

const metadataOf = (said: string) => {
  const [namespace = '', name = ''] = said.split('/')
  return { namespace, name }
}

/** A Gateway, `namespace/name`; a listener on port 80 for every host and all routes unless others are given. */
export const gateway = (
  said: string,
  listeners: readonly object[] = [{}],
  spec: object = {},
): RouteGateway => ({
  apiVersion: `${gatewayApi}/v1`,
  kind: 'Gateway',
  metadata: metadataOf(said),
  spec: {
    gatewayClassName: 'istio',
    ...spec,
    listeners: listeners.map((listener, i) => ({
      name: `listener-${i}`,
      port: 80,
      protocol: 'HTTP',
      allowedRoutes: { namespaces: { from: 'All' } },
      ...listener,
    })),
  },
})

/** What of a route is written. */
export interface Written {
  readonly kind?: 'HTTPRoute' | 'GRPCRoute'
  readonly parents?: readonly object[]
  readonly hostnames?: readonly string[]
  readonly rules?: readonly object[]
  readonly created?: string
  readonly status?: object
}

/** An HTTPRoute of the Gateway infra/gw unless something else is said. */
export const route = (said: string, { kind = 'HTTPRoute', ...rest }: Written = {}): ServiceRoute => ({
  apiVersion: `${gatewayApi}/v1`,
  kind,
  metadata: {
    ...metadataOf(said),
    ...(rest.created !== undefined && { creationTimestamp: rest.created }),
  },
  spec: {
    parentRefs: rest.parents ?? [{ namespace: 'infra', name: 'gw' }],
    ...(rest.hostnames !== undefined && { hostnames: rest.hostnames }),
    rules: rest.rules ?? [{ backendRefs: [{ name: 'catalog', port: 80 }] }],
  },
  ...(rest.status !== undefined && { status: rest.status }),
})

/** A rule with one match, or none for one that takes everything. */
export const rule = (match?: object, rest: object = {}): object => ({
  ...(match !== undefined && { matches: [match] }),
  backendRefs: [{ name: 'catalog', port: 80 }],
  ...rest,
})

/** A parent reference to a Service. */
export const toService = (name: string, rest: object = {}): object => ({
  group: '',
  kind: 'Service',
  name,
  ...rest,
})

/** A Service with ports, 80 unless others are given. */
export const service = (said: string, spec: object = {}): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: metadataOf(said),
  spec: { selector: { app: metadataOf(said).name }, ports: [{ name: 'http', port: 80 }], ...spec },
})

/** A namespace. */
export const namespace = (name: string, labels: Readonly<Record<string, string>> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
})

/** Lets routes of a namespace refer to the Services of another. */
export const grant = (from: string, to: string, rest: object = {}): ReferenceGrant => ({
  apiVersion: `${gatewayApi}/v1beta1`,
  kind: 'ReferenceGrant',
  metadata: { namespace: to, name: `from-${from}` },
  spec: {
    from: [{ group: gatewayApi, kind: 'HTTPRoute', namespace: from }],
    to: [{ group: '', kind: 'Service', ...rest }],
  },
})
