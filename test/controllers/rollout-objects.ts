/** A Rollout with Istio, two Services and three revisions, of which the second is stable and the third under way. */
export const rolloutObjects = `
apiVersion: v1
kind: Service
metadata: { name: checkout-stable }
spec: { selector: { app: checkout, rollouts-pod-template-hash: b2 }, ports: [{ name: http, port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: checkout-canary }
spec: { selector: { app: checkout, rollouts-pod-template-hash: c3 }, ports: [{ name: http, port: 80 }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: checkout }
spec:
  hosts: [checkout]
  http:
  - name: primary
    route:
    - { destination: { host: checkout-stable }, weight: 80 }
    - { destination: { host: checkout-canary }, weight: 20 }
---
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: { name: checkout }
spec:
  replicas: 2
  selector: { matchLabels: { app: checkout } }
  template:
    metadata: { labels: { app: checkout, version: v3 } }
    spec: { containers: [{ name: server, image: 'registry.example.com/checkout:3' }] }
  strategy:
    canary:
      canaryService: checkout-canary
      stableService: checkout-stable
      trafficRouting: { istio: { virtualService: { name: checkout } } }
      steps:
      - setWeight: 20
      - pause: {}
      - analysis: { templates: [{ templateName: success }] }
      - setWeight: 60
`

/** A ReplicaSet of the Rollout, with the label and the annotation of its controller. */
export const replicaSet = (revision: number, hash: string, uid: string): string => `
apiVersion: apps/v1
kind: ReplicaSet
metadata:
  name: checkout-${hash}
  labels: { app: checkout, rollouts-pod-template-hash: ${hash} }
  annotations: { rollout.argoproj.io/revision: '${revision}' }
  ownerReferences:
  - { apiVersion: argoproj.io/v1alpha1, kind: Rollout, name: checkout, uid: ${uid}, controller: true }
spec:
  replicas: 0
  selector: { matchLabels: { app: checkout, rollouts-pod-template-hash: ${hash} } }
  template:
    metadata: { labels: { app: checkout, version: v${revision}, rollouts-pod-template-hash: ${hash} } }
    spec: { containers: [{ name: server, image: 'registry.example.com/checkout:${revision}' }] }
`

/** At the pause of its second step. */
export const atPause = {
  phase: 'Paused',
  message: 'CanaryPauseStep',
  stableRS: 'b2',
  currentPodHash: 'c3',
  currentStepIndex: 1,
  controllerPause: true,
  pauseConditions: [{ reason: 'CanaryPauseStep', startTime: '2026-08-01T12:00:00Z' }],
}

/** In the analysis of its third step. */
export const inAnalysis = {
  phase: 'Progressing',
  stableRS: 'b2',
  currentPodHash: 'c3',
  currentStepIndex: 2,
}

export const promoted = { phase: 'Healthy', stableRS: 'c3', currentPodHash: 'c3', currentStepIndex: 4 }
export const aborted = {
  phase: 'Degraded',
  abort: true,
  stableRS: 'b2',
  currentPodHash: 'c3',
  currentStepIndex: 0,
}
