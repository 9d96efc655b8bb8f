/** A denial of wrong weights names the controller that writes them, from what the cache keeps of it. */
import assert from 'node:assert/strict'
import test from 'node:test'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import { projectObject } from '../../../../webhook/cache/project-object.ts'
import { judgedAmong } from '../../judged.ts'
import { destinationRule, namespaceObject, service, virtualService, workload } from '../../requests.ts'

const judged = judgedAmong([
  namespaceObject(),
  service(),
  destinationRule(['v1', 'v2']),
  workload('v1'),
  workload('v2'),
])
const writing = (trafficRouting: object, namespace = 'shop'): KubeObject =>
  projectObject({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    metadata: { name: 'web', namespace },
    spec: { strategy: { canary: { stableService: 'web', canaryService: 'web-canary', trafficRouting } } },
  } as KubeObject)!
const rollout = writing({ istio: { virtualServices: [{ name: 'catalog' }] } })
const ownerReferences = [{ apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'web', controller: true }]

const denied = (metadata: object, objects: readonly KubeObject[]): string => {
  const [before, after] = [10, 20].map(v2 => virtualService({ v1: 90, v2 }, metadata))
  const { denials } = judged({ before: before!, after: after! }, [before!, ...objects])
  assert.deepEqual(
    denials.map(({ rule }) => rule),
    ['weights-sum-to-100'],
  )
  return denials[0]!.fix
}

test('the fix of a sum says who writes the weights again', () => {
  assert.match(denied({}, [rollout]), /^Set .*\. Rollout shop\/web writes these weights again/)
  assert.match(denied({ ownerReferences }, []), /^Set .*\. Canary shop\/web writes these weights again/)
})

test('nobody is named if none writes them, or if it is in another namespace', () => {
  const elsewhere = writing({ istio: { virtualService: { name: 'catalog.shop' } } }, 'rollouts')
  for (const objects of [[], [elsewhere]]) assert.doesNotMatch(denied({}, objects), /writes/)
})

test('a backend of a stable Service is the one to get all requests where all weights are 0', () => {
  const route = (weight: number): KubeObject =>
    ({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: 'web', namespace: 'shop', resourceVersion: '1' },
      spec: {
        parentRefs: [{ group: '', kind: 'Service', name: 'web' }],
        rules: [{ backendRefs: ['web-canary', 'web'].map(name => ({ name, port: 80, weight })) }],
      },
    }) as KubeObject
  const plugin = writing({ plugins: { 'argoproj-labs/gatewayAPI': { httpRoute: 'web', namespace: 'shop' } } })
  const services = ['web', 'web-canary'].map(name => service({ name }))
  const { denials } = judged({ before: route(1), after: route(0) }, [route(1), plugin, ...services])
  assert.match(
    denials[0]!.fix,
    /backendRefs\[1\]\.weight: 100, for stable Service web\. Rollout shop\/web writes/,
  )
})
