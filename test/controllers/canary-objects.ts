/** What Flagger makes of the Canary of the catalog, in the middle of a run; NAMESPACE and UID are filled in. */
export const canaryObjects = (uid: string): string =>
  ['catalog', 'catalog-primary', 'catalog-canary']
    .map(
      name => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, ownerReferences: [${owner(uid)}] }
spec:
  selector: { app: ${name === 'catalog-canary' ? 'catalog' : 'catalog-primary'} }
  ports: [{ name: http, port: 80, targetPort: 3000 }]
---`,
    )
    .join('')
  + ['catalog', 'catalog-primary']
    .map(
      name => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  replicas: 1
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name}, version: v1 } }
    spec: { containers: [{ name: catalog, image: 'istioinaction/catalog:latest', ports: [{ containerPort: 3000, name: http }] }] }
---`,
    )
    .join('')
  + `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: catalog, ownerReferences: [${owner(uid)}] }
spec:
  gateways: [mesh]
  hosts: [catalog]
  http:
  - match: [{ sourceLabels: { app: webapp } }]
    route:
    - { destination: { host: catalog-primary }, weight: 90 }
    - { destination: { host: catalog-canary }, weight: 10 }
  - route: [{ destination: { host: catalog-primary }, weight: 90 }]
`

const owner = (uid: string): string =>
  `{ apiVersion: flagger.app/v1beta1, kind: Canary, name: catalog-release, uid: ${uid}, controller: true }`

/** The Canary of scenario 3. */
export const canary = `
apiVersion: flagger.app/v1beta1
kind: Canary
metadata: { name: catalog-release }
spec:
  targetRef: { apiVersion: apps/v1, kind: Deployment, name: catalog }
  service: { name: catalog, port: 80, targetPort: 3000, gateways: [mesh] }
  analysis:
    interval: 45s
    threshold: 5
    maxWeight: 50
    stepWeight: 10
    match: [{ sourceLabels: { app: webapp } }]
    metrics:
    - { name: request-success-rate, thresholdRange: { min: 99 }, interval: 1m }
    - { name: request-duration, thresholdRange: { max: 500 }, interval: 30s }
`

export const progressing = {
  phase: 'Progressing',
  canaryWeight: 10,
  failedChecks: 1,
  iterations: 0,
  conditions: [
    {
      type: 'Promoted',
      status: 'Unknown',
      reason: 'Progressing',
      message: 'New revision detected, progressing canary analysis.',
    },
  ],
}
export const succeeded = { phase: 'Succeeded', canaryWeight: 0, failedChecks: 0, iterations: 0 }

/** A gate of Flagger's load tester, by the type of its webhook. */
export const gate = (type: string, path: string): object => ({
  name: `the ${type} gate`,
  type,
  url: `http://flagger-loadtester.test/${path}/check`,
})
