/** Reviews of the VirtualServices of the large cluster, as an API server sends them: about 8.7 KB each. */
import { metadata, virtualServiceSpec, type RouteWeights } from '../large-cluster.ts'

/** How many routes each VirtualService has. */
export const routes = 5

const objectOf = (i: number, weights?: RouteWeights): object => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: metadata(i),
  spec: virtualServiceSpec(i, routes, weights),
})

const resource = { group: 'networking.istio.io', version: 'v1', resource: 'virtualservices' }
const kind = { group: 'networking.istio.io', version: 'v1', kind: 'VirtualService' }

/** The body of a review of an UPDATE that sets weights of the i-th service. */
export const reviewOfWeights = (i: number, weights: RouteWeights): Buffer =>
  Buffer.from(
    JSON.stringify({
      kind: 'AdmissionReview',
      apiVersion: 'admission.k8s.io/v1',
      request: {
        uid: `705ab4f5-6393-11e8-b7cc-${String(i).padStart(12, '0')}`,
        kind,
        resource,
        requestKind: kind,
        requestResource: resource,
        name: `svc${i}`,
        namespace: `ns${i % 200}`,
        operation: 'UPDATE',
        userInfo: { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] },
        object: objectOf(i, weights),
        oldObject: objectOf(i),
        dryRun: false,
        options: { kind: 'UpdateOptions', apiVersion: 'meta.k8s.io/v1', fieldManager: 'kubectl-edit' },
      },
    }),
  )
