import assert from 'node:assert/strict'
import { parseAllDocuments } from 'yaml'
import { completed, withoutAssigned } from '../../../shared/objects/content/completed.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'

const real = clusterTests({ crds: ['gateway-api'] })

const sparse = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: some }
spec:
  parentRefs: [{ name: public }]
  rules:
  - {}
  - matches: [{ headers: [{ name: a, value: b }], queryParams: [{ name: c, value: d }] }, { path: { value: /x } }]
    filters:
    - { type: RequestMirror, requestMirror: { backendRef: { name: a, port: 80 }, fraction: { numerator: 1 } } }
    backendRefs:
    - name: b
      port: 80
      filters: [{ type: RequestMirror, requestMirror: { backendRef: { name: a, port: 80 } } }]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: none }
spec: { parentRefs: [{ name: public }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: { name: some }
spec:
  parentRefs: [{ name: public }]
  rules:
  - backendRefs: [{ name: a, port: 80 }]
  - matches: [{ method: { service: a.B } }, { headers: [{ name: a, value: b }] }]
    filters: [{ type: RequestMirror, requestMirror: { backendRef: { name: a, port: 80 } } }]
---
apiVersion: v1
kind: Service
metadata: { name: some }
spec: { selector: { app: a }, ports: [{ name: http, port: 80 }, { name: grpc, port: 81, targetPort: 82 }] }
---
apiVersion: v1
kind: Service
metadata: { name: headless }
spec: { clusterIP: None, selector: { app: a }, ports: [{ port: 80 }] }
`
const paths: Readonly<Record<string, string>> = {
  HTTPRoute: '/apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes',
  GRPCRoute: '/apis/gateway.networking.k8s.io/v1/namespaces/default/grpcroutes',
  Service: '/api/v1/namespaces/default/services',
}

real(
  'a route or Service that was written sparsely is completed as the API server completes it',
  async cluster => {
    for (const document of parseAllDocuments(sparse)) {
      const written = document.toJS() as KubeObject
      const served = (await cluster.expect(paths[written.kind]!, {
        method: 'POST',
        body: written,
      })) as KubeObject
      const [mine, theirs] = [written, served].map(one =>
        Reflect.get(withoutAssigned(completed(one)), 'spec'),
      )
      assert.deepEqual(mine, theirs, `${written.kind} ${written.metadata.name}`)
    }
  },
)
