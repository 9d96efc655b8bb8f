import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Services of one namespace, as teams keep them: a folder each. */
const perNamespace = 20

/**
 * Writes a folder of manifests, four for each Service: itself, its Deployments of two versions, and its routes (a DestinationRule and a
 * VirtualService of three routes, in one file). Returns how many objects there are: five for each Service, and a namespace for each 20 of them.
 */
export function writeManifests(folder: string, services: number): number {
  let objects = 0
  for (let i = 0; i < services; i++) {
    const namespace = `team-${Math.floor(i / perNamespace)}`
    const name = `service-${i}`
    const at = join(folder, namespace, name)
    mkdirSync(at, { recursive: true })
    if (i % perNamespace === 0) {
      writeFileSync(join(folder, namespace, 'namespace.yaml'), namespaceText(namespace))
      objects++
    }
    writeFileSync(join(at, 'service.yaml'), serviceText(name, namespace))
    writeFileSync(
      join(at, 'deployments.yaml'),
      ['v1', 'v2'].map(version => deploymentText(name, namespace, version)).join('---\n'),
    )
    writeFileSync(join(at, 'routes.yaml'), routesText(name, namespace))
    objects += 5
  }
  return objects
}

const namespaceText = (namespace: string): string => `apiVersion: v1
kind: Namespace
metadata:
  name: ${namespace}
  labels:
    istio-injection: enabled
`

const serviceText = (name: string, namespace: string): string => `apiVersion: v1
kind: Service
metadata:
  name: ${name}
  namespace: ${namespace}
  labels: {app: ${name}}
spec:
  selector:
    app: ${name}
  ports:
  - name: http
    port: 80
    targetPort: 8080
`

const deploymentText = (name: string, namespace: string, version: string): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}-${version}
  namespace: ${namespace}
  labels: {app: ${name}, version: ${version}}
spec:
  replicas: 3
  selector:
    matchLabels:
      app: ${name}
      version: ${version}
  template:
    metadata:
      labels:
        app: ${name}
        version: ${version}
    spec:
      containers:
      - name: ${name}   # the only one
        image: registry.example.com/shop/${name}:1.${version.slice(1)}.0
        ports:
        - name: http
          containerPort: 8080
        env:
        - name: LOG_LEVEL
          value: "info"
        - {name: REGION, value: eu-west-1}
        resources:
          requests: {cpu: 100m, memory: 128Mi}
          limits: {memory: 256Mi}
        readinessProbe:
          httpGet:
            path: /ready
            port: http
          periodSeconds: 5
`

const routesText = (name: string, namespace: string): string => `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  host: ${name}.${namespace}.svc.cluster.local
  subsets:
  - name: v1
    labels:
      version: v1
  - name: v2
    labels:
      version: v2
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  hosts:
  - ${name}.${namespace}.svc.cluster.local
  http:
  - name: testers
    match:
    - headers:
        x-testers:
          exact: "on"
    route:
    - destination:
        host: ${name}.${namespace}.svc.cluster.local
        subset: v2
  - name: reads
    match:
    - uri:
        regex: '/api/v[0-9]+/.*'
      method: {exact: GET}
    route:
    - destination: {host: ${name}.${namespace}.svc.cluster.local, subset: v1}
      weight: 90
    - destination: {host: ${name}.${namespace}.svc.cluster.local, subset: v2}
      weight: 10
  - name: others
    timeout: 3s
    route:
    - destination:
        host: ${name}.${namespace}.svc.cluster.local
        subset: v1
`
