import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject, Labels } from '../../../../shared/objects/kube-object.ts'
import type { Kind } from '../../../../shared/objects/kinds.ts'
import {
  callersOutsideRoutes,
  membershipOf,
  membershipOfWorkload,
  waypointOf,
} from '../../../../shared/providers/istio/resolve/membership.ts'
import { snapshot } from '../../../../shared/view/snapshot.ts'

/** As a cluster gives it: with a uid. */
const namespace = (name: string, labels: Labels = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, uid: `uid-${name}`, labels: { 'kubernetes.io/metadata.name': name, ...labels } },
})
const inFile = (name: string, labels: Labels = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
})
const service = (labels: Labels = {}): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'catalog', namespace: 'shop', labels },
    spec: { selector: { app: 'catalog' } },
  }) as KubeObject

interface Pods {
  readonly labels?: Labels
  readonly annotations?: Labels
  readonly spec?: object
  readonly replicas?: number
  readonly within?: string
}
const deployment = (
  name: string,
  { labels = {}, annotations = {}, spec = {}, replicas = 1, within = 'shop' }: Pods = {},
): KubeObject =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: within },
    spec: { replicas, template: { metadata: { labels: { app: name, ...labels }, annotations }, spec } },
  }) as KubeObject
const pod = (name: string, fields: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', uid: name },
  ...fields,
})
const proxy = { containers: [{ name: 'app' }, { name: 'istio-proxy' }] }

const injected = { 'istio-injection': 'enabled' }
const refused = { 'istio-injection': 'disabled' }
const revision = { 'istio.io/rev': 'stable' }
const ambient = { 'istio.io/dataplane-mode': 'ambient' }
const inject = (value: string): Labels => ({ 'sidecar.istio.io/inject': value })
const waypoint = (name: string): Labels => ({ 'istio.io/use-waypoint': name })

const sidecarIn = (own: KubeObject, podLabels: Labels = {}, others: readonly KubeObject[] = []): string =>
  membershipOf(snapshot([own, ...others]), own.metadata.name, podLabels).sidecar

test('a namespace asks for sidecars by either label, and istio-injection wins over a revision', () => {
  assert.equal(sidecarIn(namespace('shop', injected)), 'yes')
  assert.equal(sidecarIn(namespace('shop', revision)), 'yes')
  assert.equal(sidecarIn(namespace('shop', refused)), 'no')
  assert.equal(sidecarIn(namespace('shop', { ...refused, ...revision })), 'no')
  assert.equal(sidecarIn(namespace('shop', { ...injected, ...revision })), 'yes')
  assert.equal(sidecarIn(namespace('shop', { 'istio-injection': 'true' })), 'no')
})

test('a pod opts out wherever it is, and opts in only where its namespace says nothing', () => {
  for (const labels of [injected, revision, refused, {}])
    assert.equal(sidecarIn(namespace('shop', labels), inject('false')), 'no')
  assert.equal(sidecarIn(namespace('shop', injected), inject('off')), 'no')
  assert.equal(sidecarIn(namespace('shop'), inject('true')), 'yes')
  assert.equal(sidecarIn(namespace('shop'), revision), 'yes')
  assert.equal(sidecarIn(namespace('shop', refused), inject('true')), 'no')
  assert.equal(sidecarIn(namespace('shop', refused), revision), 'no')
  // The webhook selects the exact text.
  assert.equal(sidecarIn(namespace('shop'), inject('True')), 'unknown')
  assert.equal(membershipOf(snapshot([]), 'shop', inject('false')).sidecar, 'no')
})

test("the namespaces of Kubernetes' own are never injected", () => {
  assert.equal(sidecarIn(namespace('kube-system', injected)), 'no')
})

test('a namespace without labels is left alone only where another one asks for sidecars and none refuses them', () => {
  const asking = namespace('other', injected)
  assert.equal(sidecarIn(namespace('shop')), 'unknown')
  assert.equal(sidecarIn(namespace('shop'), {}, [namespace('other')]), 'unknown')
  assert.equal(sidecarIn(namespace('shop'), {}, [asking]), 'no')
  assert.equal(sidecarIn(namespace('shop'), {}, [namespace('other', revision)]), 'no')
  assert.equal(sidecarIn(namespace('shop'), {}, [asking, namespace('jobs', refused)]), 'unknown')
  assert.equal(sidecarIn(namespace('shop'), {}, [asking, namespace('istio-system', refused)]), 'no')
  const ofOpenShift = namespace('shop', { 'maistra.io/member-of': 'istio-system' })
  assert.equal(sidecarIn(ofOpenShift, {}, [asking]), 'unknown')
})

test('in files only what a label says counts', () => {
  const asking = inFile('other', injected)
  assert.equal(sidecarIn(inFile('shop'), {}, [asking]), 'unknown')
  assert.equal(sidecarIn(inFile('shop', injected)), 'yes')
  assert.equal(sidecarIn(inFile('shop', refused)), 'no')
})

test('nothing is concluded of a namespace that is not in view', () => {
  assert.deepEqual(membershipOf(snapshot([namespace('other', injected)]), 'shop'), {
    sidecar: 'unknown',
    ambient: false,
    waypoint: 'unknown',
  })
})

const sidecarOf = (object: KubeObject, labels: Labels = injected): string =>
  membershipOfWorkload(snapshot([namespace('shop', labels), object]), object).sidecar

test('a template opts out by label or annotation, and the label hides the annotation', () => {
  assert.equal(sidecarOf(deployment('a')), 'yes')
  assert.equal(sidecarOf(deployment('a', { labels: inject('false') })), 'no')
  assert.equal(sidecarOf(deployment('a', { annotations: inject('false') })), 'no')
  assert.equal(sidecarOf(deployment('a', { labels: inject('true'), annotations: inject('false') })), 'yes')
  // Istio does not hear the annotation without a label of the namespace; OpenShift Service Mesh does.
  assert.equal(sidecarOf(deployment('a', { annotations: inject('true') }), {}), 'unknown')
})

test('a proxy that is there counts whatever the labels say, as a container or as a native sidecar', () => {
  assert.equal(sidecarOf(deployment('a', { spec: proxy }), refused), 'yes')
  const native = { containers: [{ name: 'app' }], initContainers: [{ name: 'istio-proxy' }] }
  assert.equal(sidecarOf(deployment('a', { spec: native }), refused), 'yes')
  assert.equal(sidecarOf(pod('a', { spec: proxy }), {}), 'yes')
})

test('a running pod without a proxy was created before its namespace was labelled', () => {
  assert.equal(sidecarOf(pod('a', { spec: { containers: [{ name: 'app' }] } })), 'no')
})

test('pods on the host network are in no mesh', () => {
  const object = deployment('a', { spec: { hostNetwork: true } })
  const view = snapshot([namespace('shop', ambient), object])
  assert.deepEqual([sidecarOf(object), membershipOfWorkload(view, object).ambient], ['no', false])
})

test('a Rollout that borrows a template is what the lender is, and unknown without it', () => {
  const rollout = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    metadata: { name: 'a', namespace: 'shop' },
    spec: { workloadRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'lender' } },
  } as KubeObject
  const lender = deployment('lender', { labels: inject('false') })
  const within = (...objects: readonly KubeObject[]): string =>
    membershipOfWorkload(snapshot([namespace('shop', injected), rollout, ...objects]), rollout).sidecar
  assert.deepEqual([within(), within(lender)], ['unknown', 'no'])
  const elsewhere = {
    ...rollout,
    spec: { workloadRef: { apiVersion: 'apps.kruise.io/v1alpha1', kind: 'Deployment', name: 'lender' } },
  } as KubeObject
  const view = snapshot([namespace('shop', injected), elsewhere, lender])
  assert.equal(membershipOfWorkload(view, elsewhere).sidecar, 'unknown')
})

const modeOf = (labels: Labels, podLabels: Labels = {}): unknown => {
  const { sidecar, ambient: is } = membershipOf(snapshot([namespace('shop', labels)]), 'shop', podLabels)
  return [sidecar, is]
}

test('ambient mode is chosen by the label of the namespace or of the pod, which may say none', () => {
  assert.deepEqual(modeOf(ambient), ['no', true])
  assert.deepEqual(modeOf({}, ambient), ['no', true])
  assert.deepEqual(modeOf(ambient, { 'istio.io/dataplane-mode': 'none' }), ['no', false])
})

test('a sidecar goes before ambient mode, and a revision leaves open what it is for', () => {
  assert.deepEqual(modeOf({ ...ambient, ...injected }), ['yes', false])
  assert.deepEqual(modeOf({ ...ambient, ...refused }), ['no', true])
  assert.deepEqual(modeOf({ ...ambient, ...revision }), ['unknown', true])
})

test('a waypoint is named by the Service, else by its namespace', () => {
  const of = (own: Labels, labels: Labels): string =>
    waypointOf(snapshot([namespace('shop', labels), service(own)]), 'shop', 'catalog')
  assert.equal(of({}, ambient), 'no')
  assert.equal(of({}, waypoint('waypoint')), 'yes')
  assert.equal(of({}, waypoint('none')), 'no')
  assert.equal(of(waypoint('none'), waypoint('waypoint')), 'no')
  assert.equal(of(waypoint('own'), waypoint('none')), 'yes')
  assert.equal(waypointOf(snapshot([namespace('shop')]), 'shop', 'catalog'), 'unknown')
  assert.equal(waypointOf(snapshot([inFile('shop', ambient), service()]), 'shop', 'catalog'), 'unknown')
})

const called = { serviceNamespace: 'shop', serviceName: 'catalog' }
const outside = (
  objects: readonly KubeObject[],
  { unread = [], callers }: { readonly unread?: readonly Kind[]; readonly callers?: readonly string[] } = {},
): unknown =>
  callersOutsideRoutes(snapshot([service(), ...objects], { unread: new Set(unread) }), {
    ...called,
    ...(callers && { callers }),
  }).map(({ kind, namespaces, workloads }) => [kind, namespaces, workloads.map(({ name }) => name)])

test('nobody is outside the routes where the namespace is injected, or nothing is known of it', () => {
  assert.deepEqual(outside([namespace('shop', injected), deployment('web')]), [])
  assert.deepEqual(outside([namespace('shop'), deployment('web')]), [])
  assert.deepEqual(outside([deployment('web')]), [])
  assert.deepEqual(outside([inFile('shop'), inFile('other', injected), deployment('web')]), [])
})

test('names a whole namespace where nothing in it has a sidecar', () => {
  const objects = [namespace('shop', refused), deployment('web'), deployment('catalog')]
  assert.deepEqual(outside(objects), [['no-sidecar', ['shop'], []]])
  assert.deepEqual(outside([inFile('shop', refused)]), [['no-sidecar', ['shop'], []]])
})

test('names the workloads where some have a sidecar; not what runs the service, nor what is scaled to zero', () => {
  const out = { labels: inject('false') }
  assert.deepEqual(
    outside([
      namespace('shop', injected),
      deployment('web'),
      deployment('batch', out),
      deployment('catalog', out),
      deployment('old', { ...out, replicas: 0 }),
    ]),
    [['no-sidecar', [], ['batch']]],
  )
  assert.deepEqual(
    outside([namespace('shop', refused), deployment('web', { spec: proxy }), deployment('batch')]),
    [['no-sidecar', [], ['batch']]],
  )
})

test('names callers in ambient mode where the service has no waypoint', () => {
  const web = deployment('web')
  const none = deployment('batch', { labels: { 'istio.io/dataplane-mode': 'none' } })
  assert.deepEqual(outside([namespace('shop', ambient), web]), [['no-waypoint', ['shop'], []]])
  assert.deepEqual(outside([namespace('shop', { ...ambient, ...waypoint('w') }), web]), [])
  assert.deepEqual(outside([namespace('shop', { ...ambient, ...revision }), web]), [])
  assert.deepEqual(outside([namespace('shop', ambient), web, none]), [
    ['no-sidecar', [], ['batch']],
    ['no-waypoint', [], ['web']],
  ])
  assert.deepEqual(outside([inFile('shop', ambient), web]), [])
})

test('looks at the namespaces that are asked about', () => {
  const objects = [
    namespace('shop', refused),
    namespace('front', refused),
    namespace('back', injected),
    deployment('job', { within: 'back', labels: inject('false') }),
    deployment('web', { within: 'back' }),
  ]
  assert.deepEqual(outside(objects, { callers: ['front', 'back', 'front'] }), [
    ['no-sidecar', ['front'], ['job']],
  ])
})

test('nothing is said where Namespaces or workloads may not be read', () => {
  const objects = [namespace('shop', refused), deployment('web')]
  for (const kind of ['Namespace', 'Deployment', 'Rollout', 'Pod'] as const)
    assert.deepEqual(outside(objects, { unread: [kind] }), [], kind)
})
